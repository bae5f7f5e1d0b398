"""What new tasks of a project start with where they say nothing."""
