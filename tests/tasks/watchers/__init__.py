"""Who watches a task."""
