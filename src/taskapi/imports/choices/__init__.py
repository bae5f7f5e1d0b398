"""What people chose about what is brought in: reactions to comments, and to hear of a task or not."""
