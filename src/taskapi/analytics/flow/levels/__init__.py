"""How many tasks were in each category at the end of each day."""
