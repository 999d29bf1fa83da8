"""What the office does, behind every page and endpoint."""
