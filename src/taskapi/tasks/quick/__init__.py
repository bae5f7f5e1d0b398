"""Tasks from one line of text."""
