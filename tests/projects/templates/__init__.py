"""Templates of tasks."""
