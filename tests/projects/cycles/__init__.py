"""The cycles of a project."""
