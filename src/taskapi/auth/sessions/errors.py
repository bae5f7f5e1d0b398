"""What can go wrong with refreshing a session."""

from taskapi.core.errors import Forbidden, Unauthorized


class TokenReused(Unauthorized):
    """A refresh token was used twice, which an honest client never does: its whole session has been ended."""

    code, title = "token_reused", "The refresh token was used before"


class NotFromOurPage(Forbidden):
    """The cookie of a session counts only with `X-Requested-By`, from a page of ours or of an origin in CORS_ORIGINS.

    Else any site could use it, for browsers send it along with whatever a page makes them ask.
    """

    code, title = "not_from_our_page", "The session's cookie counts only in requests of our pages"
