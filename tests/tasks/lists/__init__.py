"""The statements behind lists of tasks."""
