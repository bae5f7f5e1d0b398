"""What workers that are killed again and again make of many jobs: `python -m tests.chaos`."""
