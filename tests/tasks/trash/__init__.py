"""Tasks that were deleted."""
