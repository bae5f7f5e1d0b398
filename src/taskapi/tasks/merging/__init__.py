"""Tasks that are there twice become one."""
