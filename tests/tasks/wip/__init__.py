"""Statuses that take no more tasks."""
