"""Signing in by a password, the door behind every proof, and what a token says of its bearer."""
