"""What must be true of the settings before a process serves; the refusal says in a line what to do."""

import importlib.util
import os
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any, Final

import structlog
from dotenv import dotenv_values
from pydantic import AliasChoices, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from taskapi.core.refused import Refused
from taskapi.settings import (
    KNOWN_SECRET_KEYS,
    SECRET_KEY_MIN_BYTES,
    Environment,
    OidcProvider,
    RateLimit,
    Settings,
)

log = structlog.stdlib.get_logger("taskapi.settings")

_CONCERNS: dict[str, type[BaseSettings]] = {
    name: field.annotation
    for name, field in Settings.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, BaseSettings)
}
_PREFIX: Final = "TASKAPI_"


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


def require_installed(settings: Settings) -> None:
    """What the settings ask the API for, and an extra brings."""
    if settings.security.redis_url is not None and importlib.util.find_spec("redis") is None:
        raise Refused("TASKAPI_REDIS_URL needs the Redis client: pip install 'taskapi[redis]', or remove the line")


def warn_of_misspelt(settings: Settings) -> None:
    for name, meant in misspelt(settings).items():
        log.warning("setting.unknown", name=name, **({"did_you_mean": meant} if meant else {}))


def misspelt(settings: Settings) -> dict[str, str | None]:
    """The variables that look like ours and are none, each with the name that is closest, if one is."""
    known = _variables(settings)
    given = {name.upper() for name in (*os.environ, *dotenv_values(str(settings.model_config["env_file"])))}
    return {name: _closest(name, known) for name in sorted(given - known) if name.startswith(_PREFIX)}


def _closest(name: str, known: set[str]) -> str | None:
    """Compared without the prefix, which would make all of them alike."""
    endings = [ours.removeprefix(_PREFIX) for ours in known if ours.startswith(_PREFIX)]
    found = get_close_matches(name.removeprefix(_PREFIX), endings, n=1)
    return f"{_PREFIX}{found[0]}" if found else None


def _variables(settings: Settings) -> set[str]:
    """Every name that a variable of ours may have."""
    own = {name: field for name, field in Settings.model_fields.items() if name not in _CONCERNS}
    fields = [own, *(concern.model_fields for concern in _CONCERNS.values())]
    known = {name for some in fields for key, field in some.items() for name in _names(key, field)}
    providers = {OidcProvider.prefix(provider) for provider in settings.oidc.providers}
    return known | {f"{prefix}{name.upper()}" for prefix in providers for name in OidcProvider.model_fields}


def _names(key: str, field: FieldInfo) -> list[str]:
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return [str(choice) for choice in alias.choices]
    return [_variable(key if alias is None else str(alias))]


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
