"""What can go wrong with comments."""

from taskapi.core.errors import Conflict


class TooManyReactions(Conflict):
    """A comment shows so many different emoji at most; put one of those that are there."""

    code, title = "too_many_reactions", "The comment has too many different reactions"
