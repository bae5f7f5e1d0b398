"""Finding out what the names of a file mean in a project, and making what it lacks."""
