"""Who has how much to do, against what they can do."""
