"""The log as it happens: server-sent events and WebSockets, fed by one reader a process."""
