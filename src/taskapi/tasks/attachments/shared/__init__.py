"""The files that a share link shows, where it was made to."""
