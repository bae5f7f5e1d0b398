"""Projects: where tasks live, who is in them, and the columns that tasks move through."""
