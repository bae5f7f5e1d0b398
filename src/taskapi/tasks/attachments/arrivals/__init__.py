"""Files that come with an import: stored before, and many at a time."""
