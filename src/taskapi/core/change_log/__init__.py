"""One row for every change, written in the transaction that made it, and who reads it."""
