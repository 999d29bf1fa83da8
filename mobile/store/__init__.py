"""The phone's SQLite: the only room of the phone that knows SQL."""
