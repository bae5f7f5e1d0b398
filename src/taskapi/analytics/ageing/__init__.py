"""How long what is in work has been in work."""
