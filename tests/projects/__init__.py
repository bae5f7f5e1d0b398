"""Projects, who is in them, and their columns."""
