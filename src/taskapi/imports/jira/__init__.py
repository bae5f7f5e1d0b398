"""Jira: what its search answers, and files of one issue a line, with the history of each issue."""
