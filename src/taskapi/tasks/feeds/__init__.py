"""Calendar feeds: addresses that a calendar program reads the tasks of their owner by."""
