"""Tasks by share link."""
