"""Saved views: a filter and a sort under a name, for oneself or shared in a project."""
