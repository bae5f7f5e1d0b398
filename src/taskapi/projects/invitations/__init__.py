"""Invitations: into a project by e-mail, with or without an account."""
