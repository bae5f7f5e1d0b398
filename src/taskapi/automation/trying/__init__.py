"""What a rule would have done: tried on the last changes, and undone."""
