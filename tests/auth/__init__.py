"""Who is calling, and by what."""
