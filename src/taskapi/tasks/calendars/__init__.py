"""Tasks as calendars show them, whoever hands them out."""
