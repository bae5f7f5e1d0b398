"""Ending mails by a link, without signing in."""
