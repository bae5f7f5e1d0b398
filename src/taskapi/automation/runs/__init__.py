"""Rules at work: a reader of the change log has them act, and keeps what came of it."""
