"""The end of an account: what is personal is erased, what was written for others stays."""
