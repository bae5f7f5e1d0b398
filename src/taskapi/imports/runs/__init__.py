"""The run of an import: the file read from its beginning, and written batch by batch."""
