"""All that is held about somebody, as one archive."""
