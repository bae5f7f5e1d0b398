"""What can go wrong with personal API tokens."""

from taskapi.core.errors import Conflict


class TooManyTokens(Conflict):
    """Revoke those that nothing uses any more; the list says when each was last used."""

    code, title = "too_many_tokens", "There are too many API tokens"
