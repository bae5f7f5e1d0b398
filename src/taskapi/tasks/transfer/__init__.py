"""From one project to another, with everything that hangs below."""
