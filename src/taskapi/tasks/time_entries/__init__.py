"""Time worked on tasks, and the timers that measure it."""
