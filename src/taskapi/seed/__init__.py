"""A believable demo: people, projects and tasks to look at, search and sort before there are any of one's own."""
