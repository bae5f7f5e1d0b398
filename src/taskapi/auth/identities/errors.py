"""What can go wrong with taking an identity off."""

from taskapi.core.errors import Conflict


class LastWayIn(Conflict):
    """The account has no password: set one with a link by mail (`POST /auth/password/forgot`), and try again."""

    code, title = "last_way_in", "Nothing else opens the account"
