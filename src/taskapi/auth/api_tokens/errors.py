"""What can go wrong with personal API tokens."""

from taskapi.core.errors import Conflict


class TooManyTokens(Conflict):
    code, title = "too_many_tokens", "There are too many API tokens"
