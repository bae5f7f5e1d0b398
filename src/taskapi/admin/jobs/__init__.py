"""Jobs that wait, run, or could not be done."""
