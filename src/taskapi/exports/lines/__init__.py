"""A project as lines of JSON, with nothing lost."""
