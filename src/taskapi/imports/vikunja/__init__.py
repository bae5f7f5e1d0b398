"""Vikunja: the export of all that somebody has there."""
