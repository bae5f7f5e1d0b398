"""What happened to a project itself is taken back."""
