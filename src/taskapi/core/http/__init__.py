"""HTTP: routes, transactions of requests, problems, limits, documentation."""
