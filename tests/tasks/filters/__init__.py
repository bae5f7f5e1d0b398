"""Filters as trees."""
