"""Favourites and the order of somebody's projects."""
