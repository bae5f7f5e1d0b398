"""The columns that tasks of a project move through."""
