"""The trash: thrown away, listed, brought back, or gone for good."""
