"""What can go wrong, as a tree: each failure named once, with its status, code and title as facts of the class.

The sentence is written where it is raised and says what to do.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final
from uuid import UUID

MAX_FAULTS: Final = 20
"""So many of a request's faults are told at once; who has more has made one mistake many times."""


class AppError(Exception):
    """A mistake of ours, logged under the `request_id`: tell it to whoever runs this service."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong on our side"
    told_as: ClassVar[str | None] = None
    """The kind of the security event that it is, if it is one."""

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None, **members: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})
        self.members: dict[str, Any] = members
        """Extension members of the problem, e.g. `errors` or `current`."""
        self.told_with: dict[str, str] = {}
        """What the security event says of it, and no answer."""
        self.told_of: UUID | None = None
        """The account that the security event is about, where nobody is signed in."""


class BadRequest(AppError):
    """The request cannot be understood as HTTP of this service: the detail says which part of it."""

    status, code, title = 400, "bad_request", "The request could not be understood"


class MalformedBody(BadRequest):
    """The body is no JSON, is nested too deep, or has numbers and texts that JSON does not have."""

    code, title = "malformed_body", "The body is not valid JSON"


class InvalidCursor(BadRequest):
    """A cursor continues one list with one filter and one sort: start again without it when you change these."""

    code, title = "invalid_cursor", "The cursor does not belong to this list"


class Unauthorized(AppError):
    """No credentials came with the request: sign in, and send the access token as `Authorization: Bearer`."""

    status, code, title = 401, "unauthorized", "Sign in first"
    challenge: ClassVar[str] = "Bearer"

    def __init__(self, detail: str, **members: object) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": self.challenge}, **members)


class InvalidToken(Unauthorized):
    """The token is wrong or expired, or its session has ended: refresh it, or sign in again."""

    code, title = "invalid_token", "The token is not valid"
    challenge = 'Bearer error="invalid_token"'  # RFC 6750 §3.1


class Forbidden(AppError):
    """You see this, but your role lacks the permission that the detail names."""

    status, code, title = 403, "forbidden", "You may not do this"
    told_as = "user.access_denied"


class NotFound(AppError):
    """It does not exist, or it is not for you to see: the two are never told apart."""

    status, code, title = 404, "not_found", "There is nothing here"


class MethodNotAllowed(AppError):
    """`Allow` lists the methods that this address takes."""

    status, code, title = 405, "method_not_allowed", "This address does not take this method"


class RequestTimeout(AppError):
    """Head or body came too slowly: send the request again, from where the connection is better, or less at once."""

    status, code, title = 408, "request_timeout", "The request came too slowly"


class Conflict(AppError):
    """What is stored now does not allow this; the detail says what would."""

    status, code, title = 409, "conflict", "This contradicts what is stored"


class IdTaken(Conflict):
    """Something has this id, perhaps your first try: leave the id out, or make a new one."""

    code, title = "id_taken", "This id is in use"


class PreconditionFailed(AppError):
    """`If-Match` named an older version: `current` is the newest. Merge your change into it and send that."""

    status, code, title = 412, "precondition_failed", "Somebody changed it since you read it"


class TooLarge(AppError):
    """Send less at once; the detail names the limit."""

    status, code, title = 413, "too_large", "The body is too large"


class UnsupportedMediaType(AppError):
    """Send JSON with `Content-Type: application/json` (the token form: as a form), without an encoding."""

    status, code, title = 415, "unsupported_media_type", "The body has the wrong content type"


class Invalid(AppError):
    """`errors` lists the faults, twenty at most, each as `{pointer, code, detail}`."""

    status, code, title = 422, "validation_error", "Some of the input is not valid"

    def __init__(self, detail: str, *faults: tuple[str, str, str]) -> None:
        super().__init__(detail, errors=[{"pointer": p, "code": c, "detail": d} for p, c, d in faults[:MAX_FAULTS]])


class TooManyRequests(AppError):
    """Wait as many seconds as `Retry-After` says."""

    status, code, title = 429, "too_many_requests", "Too many requests"


class HeadersTooLarge(AppError):
    """The headers together are longer than any honest request's: cookies of other sites are a common cause."""

    status, code, title = 431, "headers_too_large", "The request's headers are too large"


class InternalError(AppError):
    pass


class Unavailable(AppError):
    """Nothing was changed: send the same request again after `Retry-After` seconds."""

    status, code, title = 503, "unavailable", "Not available right now"

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class DatabaseUnavailable(Unavailable):
    """PostgreSQL does not answer, for a moment as a rule: try again after `Retry-After` seconds."""

    code, title = "database_unavailable", "The database cannot be reached"


class WritesRefused(Unavailable):
    """Reads go on. Nothing was changed: send the same request again after `Retry-After` seconds."""


class StorageFull(WritesRefused):
    """The database has no room left. Reads go on; whoever runs this service has to make room."""

    status, code, title = 507, "storage_full", "There is no room left to store this"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, retry_after=10)


class DatabaseReadOnly(WritesRefused):
    """The database takes reads alone, often while another takes over: try again after `Retry-After` seconds."""

    code, title = "database_read_only", "Nothing can be changed right now"


class Overloaded(Unavailable):
    """More requests are waiting than can be served in time: try again after `Retry-After` seconds."""

    code, title = "overloaded", "Too busy right now"


class TookTooLong(Unavailable):
    """It was given up, and nothing was changed: try again after `Retry-After` seconds, or ask for less at once."""

    code, title = "took_too_long", "This took too long"


class TransactionConflict(Unavailable):
    """Rolled back by the database in favour of another; the same request may succeed at once."""

    code, title = "transaction_conflict", "Another request was faster"


def every_error() -> list[type[AppError]]:
    """Each concrete failure once, by code: the catalogue behind `GET /problems`."""

    def below(error: type[AppError]) -> list[type[AppError]]:
        return [error, *(leaf for child in error.__subclasses__() for leaf in below(child))]

    return sorted({e.code: e for e in reversed(below(AppError))}.values(), key=lambda e: e.code)
