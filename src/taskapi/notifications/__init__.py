"""What people are told of that others did, or that is due: derived from the change log, in an inbox and by mail."""
