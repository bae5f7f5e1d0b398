"""Links between tasks."""
