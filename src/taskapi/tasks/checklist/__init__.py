"""The checklist of a task: small steps in an order, done or not."""
