"""Who may do what, and how far a caller sees."""
