"""Webhooks: a project tells the services that it names what happened, in signed requests."""
