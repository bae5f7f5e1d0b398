"""Share links: a project for people without an account, to read."""
