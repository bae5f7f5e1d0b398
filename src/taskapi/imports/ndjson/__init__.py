"""Our own export, brought in again."""
