"""The defaults of a project."""
