"""People: registration, profiles, and what administrators do with accounts."""
