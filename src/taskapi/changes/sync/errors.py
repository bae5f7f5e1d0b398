"""What can go wrong with a copy that is kept up to date."""

from taskapi.core.errors import AppError


class CursorExpired(AppError):
    """Changes after this cursor are gone: load everything anew, and go on from a request without `since`.

    Take the new cursor first, and then load: what changes meanwhile comes after it.
    """

    status, code, title = 410, "cursor_expired", "The log does not reach back that far"
