"""How many tasks a status takes."""
