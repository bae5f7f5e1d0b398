"""A resource as a value: its document, and the verbs that write it and tell the change log."""
