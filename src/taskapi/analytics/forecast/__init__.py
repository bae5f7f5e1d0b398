"""When what is open may be done."""
