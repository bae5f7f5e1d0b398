"""Tasks: made, read, listed, changed."""
