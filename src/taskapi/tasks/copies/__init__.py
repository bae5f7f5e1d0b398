"""The tasks of a project copied into another."""
