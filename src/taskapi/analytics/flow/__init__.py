"""How work flows: what was open at the end of each day, how long tasks took, how many were done."""
