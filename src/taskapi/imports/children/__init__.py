"""What hangs on imported tasks: comments, checklists, time, links."""
