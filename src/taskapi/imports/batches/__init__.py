"""One batch of an import: its tasks, their facts and how far it has come, in one transaction."""
