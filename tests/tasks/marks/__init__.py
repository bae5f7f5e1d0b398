"""What tasks are marked with."""
