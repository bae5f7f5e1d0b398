"""The manual order of a project's tasks: a place between neighbours, and room where there is none left."""
