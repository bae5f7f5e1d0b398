"""Todoist: templates and backups as CSV, and what its API answers."""
