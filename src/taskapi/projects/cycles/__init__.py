"""Cycles: spans of days, one after the other, into which the work of a project is cut."""
