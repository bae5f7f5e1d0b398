"""The manual order."""
