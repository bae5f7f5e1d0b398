"""How tasks move: completed, reopened, put elsewhere."""
