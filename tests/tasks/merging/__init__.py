"""Merging of tasks."""
