"""What happened to one task, or in one project, newest first."""
