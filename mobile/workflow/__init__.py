"""What an inspector does, step by step: no Flet, no SQL."""
