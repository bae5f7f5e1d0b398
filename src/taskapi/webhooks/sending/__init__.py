"""Sending: deliveries that are due, taken, signed, sent and noted."""
