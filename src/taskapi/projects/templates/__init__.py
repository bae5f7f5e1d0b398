"""Templates of tasks: what the members of a project make again and again."""
