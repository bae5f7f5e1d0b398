"""Numbers: how the work of a project, or of somebody, goes; read from the tasks and the change log."""
