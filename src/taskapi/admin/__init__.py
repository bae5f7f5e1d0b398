"""What administrators of the service see to."""
