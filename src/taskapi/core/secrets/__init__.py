"""What must not be guessed, forged or read: tokens, one-time links, passwords, secrets at rest."""
