"""Checklists of tasks."""
