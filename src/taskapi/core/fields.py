"""The types that input models are made of; each refuses what the database or a reader could not take."""

import re
import time
import unicodedata
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Final
from uuid import UUID
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

_EARLIEST: Final = date(1900, 1, 1)
_LATEST: Final = date(2999, 12, 31)
# RFC 3339's forms. pydantic also takes "1700000000" and "2026-01-31 9:00+0200" for an instant, and
# "2026-01-31T00:00:00Z" for a day.
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
# How far a client's clock may be off when it makes an id: an id far ahead would stand last in every list for ever.
_ID_SLACK_SECONDS: Final = 24 * 3600
_ID_VERSION: Final = 7


class Input(BaseModel):
    """A body: unknown fields are a mistake, not noise."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Patch(Input):
    """A JSON Merge Patch: a default marks a field as absent, and is never stored."""


def example(**fields: JsonValue) -> ConfigDict:
    """The configuration of a body: one that works as it stands. /docs fills it in where somebody tries a route out."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


def visible(text: str) -> str:
    if not any(unicodedata.category(character) not in _INVISIBLE for character in text):
        raise ValueError("must hold something that can be seen")
    return text


def _one_line(text: str) -> str:
    visible(text)
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text):
        raise ValueError("must be one line without control characters")
    return text


# Marks of order and width, joiners and spaces: a title of these alone is as empty as none.
_INVISIBLE: Final = frozenset({"Cf", "Zs", "Mn", "Cc", "Zl", "Zp"})


def _prose(text: str) -> str:
    if any(unicodedata.category(character) == "Cs" or character == "\0" for character in text):
        raise ValueError("must not contain NUL or half of a surrogate pair")
    return text


def _from_text(value: object) -> object:
    """pydantic would read 0 as 1970-01-01."""
    if value is not None and not isinstance(value, str):
        raise ValueError("must be a string")
    return value


def _day_from_text(value: object) -> object:
    if isinstance(text := _from_text(value), str) and not _DAY.fullmatch(text):
        raise ValueError("must be a day, such as 2026-01-31")
    return value


def _instant_from_text(value: object) -> object:
    if isinstance(text := _from_text(value), str) and not _INSTANT.fullmatch(text):
        raise ValueError("must be an instant, such as 2026-01-31T12:00:00Z")
    return value


def _reasonable_day(day: date) -> date:
    if not _EARLIEST <= day <= _LATEST:
        raise ValueError("must be between the years 1900 and 2999")
    return day


def _reasonable_instant(instant: datetime) -> datetime:
    if not _EARLIEST.year <= instant.year <= _LATEST.year:
        raise ValueError("must be between the years 1900 and 2999")
    return instant.astimezone(UTC)


def without_repeats(ids: list[UUID]) -> list[UUID]:
    """Each once, in the order given."""
    return list(dict.fromkeys(ids))


def rfc3339(instant: datetime) -> str:
    """As PostgreSQL writes it into answers, so that JSON can be compared with JSON."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def rfc3339_or_null(instant: datetime | None) -> str | None:
    return None if instant is None else rfc3339(instant)


def _new_id(found: UUID) -> UUID:
    """UUIDv7 made about now (RFC 9562 §5.7: its first 48 bits are milliseconds)."""
    made_at = (found.int >> 80) / 1000
    if found.version != _ID_VERSION or abs(made_at - time.time()) > _ID_SLACK_SECONDS:
        raise ValueError("must be a UUID of version 7, made within a day of now; or leave it out")
    return found


def canonical_email(address: str) -> str:
    """The one form in which a mailbox is stored and looked up: lower case, NFC, IDNA domain (RFC 6531, 5891)."""
    try:
        found = validate_email(address.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise ValueError("must be an e-mail address") from None
    return f"{found.local_part}@{found.ascii_domain}".lower()


_DELETED: Final = "deleted-"


def why_reserved(username: str) -> str | None:
    """Why nobody may be called so, though the letters are those of usernames; None for an ordinary name.

    Who was named so before keeps the name: this is for names that are made.
    """
    if username.lower().startswith(_DELETED):
        return f"must not begin with {_DELETED}, as the names of deleted accounts do"
    try:
        UUID(username)
    except ValueError:
        return None
    return "must not look like an id, which is another name for somebody"


def _not_reserved(username: str) -> str:
    if reason := why_reserved(username):
        raise ValueError(reason)
    return username


# Names that the files have besides zones: the machine's own zone, and the one of a machine without any.
_OF_NO_PLACE: Final = frozenset({"localtime", "posixrules", "Factory"})


@cache
def timezones() -> set[str]:
    """A walk through six hundred files, 50 ms: a process that serves takes it before the first request does."""
    return available_timezones()


def _known_timezone(name: str) -> str:
    if name not in timezones() or name in _OF_NO_PLACE:
        raise ValueError("must be an IANA time zone, such as Europe/Vienna")
    return name


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_one_line)]
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_one_line)
]
# As it was written: whoever counts characters in it counts those that were sent.
Line = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_one_line)]
Prose = Annotated[str, StringConstraints(max_length=100_000), AfterValidator(_prose)]
SearchText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_one_line)
]
Username = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,38}[A-Za-z0-9])?$")]
NewUsername = Annotated[Username, AfterValidator(_not_reserved)]
Email = Annotated[
    str,
    StringConstraints(max_length=320),
    AfterValidator(canonical_email),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": 320}),
]
Timezone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_timezone)]
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$", max_length=35)]
Estimate = Annotated[float, Field(strict=True, ge=0, le=1_000_000, allow_inf_nan=False)]
Color = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
ProjectKey = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{1,9}$")]
StatusKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,49}$")]
Day = Annotated[
    date,
    BeforeValidator(_day_from_text, json_schema_input_type=str),
    AfterValidator(_reasonable_day),
    WithJsonSchema({"type": "string", "format": "date"}),
]
Instant = Annotated[
    datetime,
    BeforeValidator(_instant_from_text, json_schema_input_type=str),
    AfterValidator(_reasonable_instant),
    PlainSerializer(rfc3339, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
# The id of something that is there, and of something that the client makes.
ClientId = Annotated[
    UUID, BeforeValidator(_from_text, json_schema_input_type=str), WithJsonSchema({"type": "string", "format": "uuid"})
]
NewId = Annotated[ClientId, AfterValidator(_new_id)]
