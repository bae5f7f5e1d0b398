"""Files on tasks."""
