"""Personal API tokens."""
