"""Values of custom fields in tasks."""
