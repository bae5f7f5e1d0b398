"""Mechanisms: one each, in one place; they know tables, never a feature."""
