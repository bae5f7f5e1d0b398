"""Invitations by e-mail."""
