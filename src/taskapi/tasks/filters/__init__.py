"""Which tasks are meant: a tree of conditions, written by the query parameters, and compiled to SQL."""
