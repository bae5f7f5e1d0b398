"""The address of an account."""
