"""Reminders of tasks: everybody's own."""
