"""`taskapi backup` and `taskapi restore`: everything in one file, and everything back from it."""
