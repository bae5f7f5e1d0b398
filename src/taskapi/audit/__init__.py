"""What administrators and auditors ask of the change log: who did what, and whether the log is still what it was."""
