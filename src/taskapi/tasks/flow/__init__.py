"""How tasks move: through statuses, in their order, and to other projects."""
