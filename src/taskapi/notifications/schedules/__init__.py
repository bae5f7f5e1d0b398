"""What time tells of: due dates and reminders."""
