"""What must be true of the settings before a process serves; the refusal says in a line what to do."""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings

from taskapi.core.refused import Refused
from taskapi.settings import KNOWN_SECRET_KEYS, SECRET_KEY_MIN_BYTES, Environment, RateLimit, Settings

_CONCERNS: dict[str, type[BaseSettings]] = {
    name: field.annotation
    for name, field in Settings.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, BaseSettings)
}
_PREFIX = "TASKAPI_"


def _letters_and_digits(key: str) -> str:
    return "".join(filter(str.isalnum, key.casefold()))


_KNOWN = frozenset(map(_letters_and_digits, KNOWN_SECRET_KEYS))


def load_settings() -> Settings:
    try:
        return Settings()
    except ValidationError:
        # The first concern that fails hides the others.
        raise Refused("\n".join(_complaints())) from None


def require_safe(settings: Settings, *, needs_secret: bool = True) -> None:
    if needs_secret and (fault := secret_fault(settings.security.secret_key.get_secret_value())):
        raise Refused(fault)
    if settings.security.rate_limit is RateLimit.OFF and settings.environment is not Environment.DEVELOPMENT:
        raise Refused("TASKAPI_RATE_LIMIT: off is for development; remove the line, or passwords can be guessed freely")


def secret_fault(key: str) -> str | None:
    """Why tokens signed with this key could be forged, or None."""
    remedy = "`openssl rand -hex 32` makes a good one"
    if not key:
        return f"TASKAPI_SECRET_KEY is not set: {remedy}"
    if (size := len(key.encode())) < SECRET_KEY_MIN_BYTES:
        return f"TASKAPI_SECRET_KEY has {size} bytes and needs {SECRET_KEY_MIN_BYTES}: {remedy}"
    plain = _letters_and_digits(key)
    # A default that was repeated until it is long enough is still that default. One that is merely part of a key
    # is not: people name their keys.
    if any(not plain.replace(known, "") for known in _KNOWN):
        return f"TASKAPI_SECRET_KEY is one that others know, from an example: {remedy}"
    return None


def _complaints() -> Iterator[str]:
    for concern in _CONCERNS.values():
        yield from _complaints_of(concern)
    # Arguments of Settings, each checked by its own concern a line above.
    unread: dict[str, Any] = {name: concern.model_construct() for name, concern in _CONCERNS.items()}
    yield from _complaints_of(lambda: Settings(**unread))


def _complaints_of(read: Callable[[], BaseSettings]) -> Iterator[str]:
    try:
        read()
    except ValidationError as invalid:
        for error in invalid.errors(include_input=False, include_url=False):
            yield f"{_variable(str(error['loc'][0]))}: {error['msg'].removeprefix('Value error, ')}"


def _variable(location: str) -> str:
    """The name of an environment variable: fields with an alias are reported by that, others by their own name."""
    return location if location.isupper() else f"{_PREFIX}{location.upper()}"
