"""Comments on tasks: what people say about them, whom they mention, and what others think of it."""
