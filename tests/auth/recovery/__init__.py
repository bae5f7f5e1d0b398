"""Passwords, forgotten and changed."""
