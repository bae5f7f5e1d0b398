"""Custom fields: what the tasks of a project have beside those that every task has."""
