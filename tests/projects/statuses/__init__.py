"""The columns of a project."""
