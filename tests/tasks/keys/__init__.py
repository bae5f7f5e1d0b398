"""Keys that tasks had before."""
