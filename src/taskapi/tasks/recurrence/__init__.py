"""Tasks that come again: by which rule, when next, and the next one itself."""
