"""Files that come in the same archive as the tasks that they hang on."""
