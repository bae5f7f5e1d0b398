"""The mechanisms, each seen from outside where that is possible."""
