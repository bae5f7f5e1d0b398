"""Taking an account back from whoever else may have got into it."""
