"""Many operations on tasks in one request, in order: all or nothing, or each by itself."""
