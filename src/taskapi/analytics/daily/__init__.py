"""What was going on on a day."""
