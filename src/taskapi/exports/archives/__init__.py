"""A project as an archive: its lines, and the bytes of its files."""
