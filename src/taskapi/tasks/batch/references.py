"""`$n.id` and `$n.key`: names of tasks by the results of operations that came before."""

import re
from collections.abc import Iterator
from typing import Final
from uuid import UUID

from taskapi.core.fields import Input

_REFERENCE: Final = re.compile(r"\$(?:0|[1-9][0-9]?)\.(?:id|key)")
OF_AN_ID: Final = re.compile(r"^\$(?:0|[1-9][0-9]?)\.id$")
_MALFORMED: Final = "must be an id or a key, or refer to an earlier result as `$0.id` does"
# The fields of operations that name a task; in all others a text that looks like a reference is a text.
NAMING: Final = ("task", "parent_id", "before", "after")


def require_well_formed(value: object) -> object:
    if isinstance(value, str) and value.startswith("$") and not _REFERENCE.fullmatch(value):
        raise ValueError(_MALFORMED)
    return value


def reference_or_id(value: object) -> str:
    """For a field that takes ids alone: `$n.key` is none."""
    if isinstance(value, str):
        if OF_AN_ID.fullmatch(value):
            return value
        try:
            return str(UUID(value))
        except ValueError:
            pass
    raise ValueError("must be a UUID, or refer to an earlier result as `$0.id` does")


def references_in(operation: Input) -> Iterator[tuple[str, int, str]]:
    """Each field that holds a reference, with the number of the operation and the field of its result."""
    for field in NAMING:
        value = getattr(operation, field, None)
        if isinstance(value, str) and value.startswith("$"):
            number, _, of_result = value[1:].partition(".")
            yield field, int(number), of_result
