"""`taskapi analytics …`."""
