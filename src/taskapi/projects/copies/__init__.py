"""Projects made as copies of others, templates among them."""
