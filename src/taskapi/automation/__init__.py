"""What happens by itself in a project: rules that act on its tasks when something has happened to them."""
