"""Links between tasks: what blocks what, what belongs together, what is there twice."""
