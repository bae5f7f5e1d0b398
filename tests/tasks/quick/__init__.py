"""Tasks from a line of text."""
