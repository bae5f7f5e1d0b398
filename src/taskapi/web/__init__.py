"""The web page: what `web/` was built into, served beside the API."""
