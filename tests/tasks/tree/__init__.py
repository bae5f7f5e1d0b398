"""Subtasks."""
