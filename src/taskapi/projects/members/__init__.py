"""Who is in a project, with which role."""
