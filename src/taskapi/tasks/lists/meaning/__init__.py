"""What the words of a list mean: its parameters, the filter of its view, and the custom fields that they name."""
