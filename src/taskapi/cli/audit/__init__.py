"""`taskapi audit …`: whether the change log is what it was."""
