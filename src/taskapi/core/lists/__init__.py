"""Lists in SQL: their order, their pages and their cursors."""
