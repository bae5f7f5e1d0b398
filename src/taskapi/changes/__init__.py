"""The change log as clients read it."""
