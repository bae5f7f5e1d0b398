"""A template of tasks applied: a task, its checklist and its subtasks in one request."""
