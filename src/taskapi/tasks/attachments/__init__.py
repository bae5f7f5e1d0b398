"""Files on tasks: their bytes lie in the storage, and what is known of them in the database."""
