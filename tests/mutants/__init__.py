"""Mutants of the service, each with one thing fewer between somebody and what is not theirs."""
