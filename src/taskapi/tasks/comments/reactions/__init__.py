"""Reactions: one emoji of one person under a comment, shown as who put which."""
