"""Mail: composed from templates, sent by jobs."""
