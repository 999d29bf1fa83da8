"""Tables, migrations and queries of the server."""
