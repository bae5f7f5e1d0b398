"""Measures the service against the same SQL without it, and plays real input through it: `make bench`."""
