"""Texts of other products as Markdown: a plain reading of what people write, line by line."""
