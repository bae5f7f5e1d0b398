"""One change of many tasks."""
