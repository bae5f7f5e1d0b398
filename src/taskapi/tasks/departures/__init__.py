"""What becomes of tasks when something of their project goes: a member who works on them, the status they are in."""
