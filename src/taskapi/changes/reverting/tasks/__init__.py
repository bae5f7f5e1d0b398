"""What happened to a task is taken back."""
