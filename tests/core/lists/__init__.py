"""Lists as SQL."""
