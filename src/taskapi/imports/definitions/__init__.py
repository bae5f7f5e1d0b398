"""What a project has beside its tasks: statuses, labels, custom fields, plans, templates and views."""
