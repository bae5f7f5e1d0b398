"""The custom fields of WEB."""
