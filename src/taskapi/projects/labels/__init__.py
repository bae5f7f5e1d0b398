"""Labels: names with colours that the tasks of a project are marked with."""
