"""Resources as values, and their verbs."""
