"""Who is calling: signing in and out, and the dependency that every route asks."""
