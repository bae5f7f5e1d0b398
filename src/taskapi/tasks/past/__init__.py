"""A task as it was."""
