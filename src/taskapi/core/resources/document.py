"""One resource as clients see it, and the guard against writing over a version that the client has not seen."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypedDict

import pydantic_core

from taskapi.core.errors import PreconditionFailed
from taskapi.core.fields import Patch

_TAG = re.compile(r'(W/)?"([^"]*)"')


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
    _fields: dict[str, Any] | None = None

    @classmethod
    def of(cls, row: Versioned) -> "Document":
        return cls(row["body"], row["version"])

    def fields(self) -> dict[str, Any]:
        """The JSON parsed, for comparing and for the change log; not to be changed."""
        if self._fields is None:
            self._fields = pydantic_core.from_json(self.json)
        return self._fields


def changes_of(before: Fields, patch: Patch) -> dict[str, Any]:
    """What the patch would change, as values for the database. JSON is compared with JSON, so every type can be."""
    wanted = patch.model_dump(mode="json", exclude_unset=True)
    different = {name for name, value in wanted.items() if before[name] != value}
    return patch.model_dump(include=different)


def require_match(if_match: str | None, document: Document) -> None:
    """Stop a write by somebody who has not seen the newest version. Compares strongly: a weak tag never matches."""
    if if_match is None or if_match.strip() == "*":
        return
    if not any(not weak and tag == str(document.version) for weak, tag in _TAG.findall(if_match)):
        raise PreconditionFailed(
            f"You sent If-Match: {_shown(if_match)}, and the newest version is {document.version}",
            headers={"ETag": f'"{document.version}"'},
            current=pydantic_core.from_json(document.json),
        )


def _shown(if_match: str) -> str:
    return ", ".join(f'{weak}"{tag}"' for weak, tag in _TAG.findall(if_match)[:3]) or "something else"
