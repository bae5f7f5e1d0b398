"""The proof that nobody reads or changes what is not theirs, generated from the OpenAPI document."""
