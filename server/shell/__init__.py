"""What the command says without a database: verdicts explained, and the catalogue listed."""
