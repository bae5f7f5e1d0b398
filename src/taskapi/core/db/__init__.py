"""PostgreSQL: connections, sessions, statements with typed rows, migrations."""
