"""From when to when each task was in which category: read from the change log, and kept beside it."""
