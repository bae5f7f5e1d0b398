"""Tasks below tasks: how deep they hang, and what hangs below one."""
