"""Projects, taken out."""
