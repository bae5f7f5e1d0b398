"""A project as it was."""
