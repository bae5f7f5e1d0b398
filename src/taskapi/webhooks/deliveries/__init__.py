"""Deliveries: what was or will be sent to a webhook, how it went, and sending it again."""
