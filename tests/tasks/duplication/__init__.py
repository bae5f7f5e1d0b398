"""Copies of tasks."""
