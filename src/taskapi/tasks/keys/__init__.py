"""The keys that tasks had before they moved: who comes by one is told the new one."""
