"""The second factor: setting an authenticator app up, and taking it off."""
