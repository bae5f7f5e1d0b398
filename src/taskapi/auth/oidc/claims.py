"""The claims of a provider, read with suspicion, as a person we could have an account for."""

import re
import secrets
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter, ValidationError

from taskapi.core.fields import Email, Name, why_reserved

_MAX_SUBJECT: Final = 255  # OpenID Core §2
_MAX_USERNAME: Final = 32  # leaves room for what makes it unique
_UNFIT: Final = re.compile(r"[^A-Za-z0-9._-]+")
_ENDS: Final = "._-"
_TRIES: Final = 5
_ANYBODY: Final = "user"
_EMAIL: Final[TypeAdapter[str]] = TypeAdapter(Email)
_NAME: Final[TypeAdapter[str]] = TypeAdapter(Name)


@dataclass(frozen=True, slots=True)
class Person:
    subject: str
    proven_email: str | None
    """The address in its canonical form, where the provider says that it is verified; no other counts."""
    full_name: str | None
    preferred_username: str


def person_of(claims: Mapping[str, object]) -> Person | None:
    """None without a usable subject."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _MAX_SUBJECT or not subject.isprintable():
        return None
    # A text such as "true" is not what OpenID Core §5.1 means by verified, and "false" would pass for true as well.
    email = _valid(_EMAIL, claims.get("email")) if claims.get("email_verified") is True else None
    return Person(subject, email, _valid(_NAME, claims.get("name")), str(claims.get("preferred_username") or ""))


def usernames(person: Person) -> Iterator[str]:
    """What the account may be called, best first; the others are most likely free. None that is reserved."""
    called = (_as_username(text.partition("@")[0]) for text in (person.preferred_username, person.proven_email or ""))
    best = next((name for name in called if name and why_reserved(name) is None), _ANYBODY)
    numbered = (f"{name}-{secrets.token_hex(3)}" for name in (best, _ANYBODY) for _ in range(_TRIES))
    return (name for name in (best, *numbered) if why_reserved(name) is None)


def _as_username(text: str) -> str:
    """Without accents, in the letters that usernames have."""
    plain = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode()
    return _UNFIT.sub("-", plain).strip(_ENDS)[:_MAX_USERNAME].rstrip(_ENDS)


def _valid(field: TypeAdapter[str], value: object) -> str | None:
    try:
        return field.validate_python(value, strict=True)
    except ValidationError:
        return None
