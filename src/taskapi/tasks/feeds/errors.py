"""What can go wrong with calendar feeds."""

from taskapi.core.errors import Conflict


class TooManyFeeds(Conflict):
    """Take back those that no calendar reads any more; the list says when each was last read."""

    code, title = "too_many_feeds", "There are too many calendar feeds"
