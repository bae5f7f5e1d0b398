"""Mails of notifications: of one task soon, of the others once a day."""
