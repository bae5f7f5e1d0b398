"""An account as a whole, over everything below: its end, and all that is held about it."""
