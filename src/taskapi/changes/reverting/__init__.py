"""Undo: what happened is taken back by a new change, through the services that every other change goes through."""
