"""Lists of tasks: what they can be, and the statements that read them."""
