"""Bringing tasks in from files: what a file says, who is meant by it, and the run that writes it."""
