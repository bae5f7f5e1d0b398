"""Who is named in what is written about tasks."""
