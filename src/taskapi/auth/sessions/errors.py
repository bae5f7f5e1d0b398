"""What can go wrong with refreshing a session."""

from taskapi.core.errors import Unauthorized


class TokenReused(Unauthorized):
    """A refresh token was used twice, which an honest client never does: its whole session has been ended."""

    code, title = "token_reused", "The refresh token was used before"
