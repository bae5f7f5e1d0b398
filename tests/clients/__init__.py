"""Clients that are generated from the contract: they compile under the strictest rules, and they work."""
