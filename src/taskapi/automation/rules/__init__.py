"""Rules themselves: written by the administrators of a project."""
