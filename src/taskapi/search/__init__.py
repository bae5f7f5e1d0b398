"""Finding things again by what is written in them."""
