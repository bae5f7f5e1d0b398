"""What a rule does to a task, through the services that the routes call."""
