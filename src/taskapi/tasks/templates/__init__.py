"""Tasks made from templates: what a template says, and what it brings along."""
