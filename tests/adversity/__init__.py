"""What bad input and bad luck get: every test here tries to break the service from outside."""
