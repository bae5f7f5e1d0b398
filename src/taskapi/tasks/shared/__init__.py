"""The tasks that a share link shows."""
