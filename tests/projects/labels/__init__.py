"""The labels of a project."""
