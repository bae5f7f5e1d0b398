"""Milestones: what the tasks of a project lead to, by a day or some time."""
