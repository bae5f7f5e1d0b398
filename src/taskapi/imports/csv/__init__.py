"""CSV as people have it: of whatever encoding and delimiter, with whatever columns."""
