"""How long tasks took that were done within the days."""
