"""One resource as clients see it, and the guard against writing over a version that the client has not seen."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypedDict

import pydantic_core

from taskapi.core.errors import PreconditionFailed
from taskapi.core.fields import Patch

_TAG: Final = re.compile(r'(W/)?"([^"]*)"')
_HASH_BYTES: Final = 4


Fields: TypeAlias = Mapping[str, Any]
"""A public representation, parsed from JSON."""


class Versioned(TypedDict):
    """The row of a resource: its public representation as JSON text, and its version."""

    body: str
    version: int


@dataclass(slots=True)
class Document:
    """One resource as clients see it: the JSON text PostgreSQL rendered, and its version."""

    json: str
    version: int
    pure: bool = True
    """Whether equal versions mean equal bodies. They do not where the body shows what other rows say (expansions),
    what the caller's role shows, or what changes without a new version (when it was last used)."""
    _fields: dict[str, Any] | None = None

    @classmethod
    def of(cls, row: Versioned, *, pure: bool = True) -> "Document":
        return cls(row["body"], row["version"], pure)

    def fields(self) -> dict[str, Any]:
        """The JSON parsed, for comparing and for the change log; not to be changed."""
        if self._fields is None:
            self._fields = pydantic_core.from_json(self.json)
        return self._fields

    @property
    def etag(self) -> str:
        """`"3"`, or `"3-0badf00d"` with a hash of the body; If-Match goes by the version in either."""
        if self.pure:
            return f'"{self.version}"'
        return f'"{self.version}-{hashlib.blake2b(self.json.encode(), digest_size=_HASH_BYTES).hexdigest()}"'


def changes_of(before: Fields, patch: Patch) -> dict[str, Any]:
    """What the patch would change, as values for the database. JSON is compared with JSON, so every type can be."""
    wanted = patch.model_dump(mode="json", exclude_unset=True)
    different = {name for name, value in wanted.items() if before[name] != value}
    return patch.model_dump(include=different)


def require_match(if_match: str | None, document: Document) -> None:
    """Stop a write by somebody who has not seen the newest version. Compares strongly: a weak tag never matches."""
    if if_match is None or if_match.strip() == "*":
        return
    if not any(not weak and tag.partition("-")[0] == str(document.version) for weak, tag in _TAG.findall(if_match)):
        raise PreconditionFailed(
            f"If-Match names another version than the newest, {document.version}; read it again, or take `current`",
            headers={"ETag": document.etag},
            current=pydantic_core.from_json(document.json),
        )
