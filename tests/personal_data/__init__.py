"""An account as a whole."""
