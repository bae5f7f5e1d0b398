"""A chain of hashes over the change log: sealed behind the writers, checked by whoever has the shell."""
