"""Who hears of a task: whoever has a part in it, less those who chose not to, and whoever chose to."""
