"""Who worked for how long on what."""
