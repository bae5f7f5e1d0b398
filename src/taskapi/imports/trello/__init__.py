"""Trello: the export of a board, with what its log tells of each card."""
