"""Somebody's inbox: what they were told, as far as they may still see it."""
