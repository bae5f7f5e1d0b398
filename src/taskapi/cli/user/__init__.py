"""`taskapi user …`: accounts, as administrators see to them, from the shell."""
