"""Signing in, staying signed in, and what a token says of its bearer."""
