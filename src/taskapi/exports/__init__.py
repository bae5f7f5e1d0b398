"""A project, taken out: as a table, as lines that hold all of it, with its files, or as a calendar."""
