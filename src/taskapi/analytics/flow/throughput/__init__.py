"""How many tasks were done in each day, week or month."""
