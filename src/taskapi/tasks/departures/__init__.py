"""What becomes of tasks when something of their project goes: a member, a status, a label, a milestone, a cycle."""
