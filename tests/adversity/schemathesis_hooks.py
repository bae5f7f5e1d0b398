"""Loaded by schemathesis, as its configuration says.

What is refused for its size alone is refused before there is a route that could declare it.
"""

from typing import Any
from urllib.parse import urlencode

import schemathesis

_LONGEST_QUERY = 7_000
_LONGEST_BODY = 200_000  # characters, before they are escaped


@schemathesis.hook
def filter_query(_: schemathesis.HookContext, query: dict[str, object] | None) -> bool:
    return len(urlencode(query or {}, doseq=True)) < _LONGEST_QUERY


@schemathesis.hook
def filter_body(_: schemathesis.HookContext, body: object) -> bool:
    return len(repr(body)) < _LONGEST_BODY


@schemathesis.hook
def filter_case(_: schemathesis.HookContext, case: "schemathesis.Case[Any]") -> bool:
    """A preference that nobody knows is ignored, and not refused (RFC 7240 §2)."""
    return dict(case.headers or {}).get("Prefer") in {None, "validate-only"}
