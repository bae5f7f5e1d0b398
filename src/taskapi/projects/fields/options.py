"""The options of a select: their keys made from their names, each once."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from taskapi.core.resources.document import Fields
from taskapi.models import FieldType
from taskapi.projects.fields.errors import bad_options
from taskapi.projects.fields.schemas import FieldOption

_SELECTS: Final = (FieldType.SELECT, FieldType.MULTI_SELECT)
_LONGEST_KEY: Final = 40


def require_fitting(field_type: str, given: Sequence[FieldOption]) -> None:
    """A select needs some, other types take none; names and keys are there once."""
    if field_type in _SELECTS:
        if not given:
            raise bad_options(None, "required", "A select needs an option at least")
    elif given:
        raise bad_options(None, "not_a_select", "Only a select or multi_select has options")
    _require_each_once([option.name.casefold() for option in given], "name")
    _require_each_once([option.key for option in given], "key")


def completed(given: Sequence[FieldOption], before: Iterable[Fields] = ()) -> list[dict[str, str | None]]:
    """As they are stored. One without a key is the one of its name, as it stands in `before`, or a new one."""
    known = {option["name"].casefold(): option["key"] for option in before}
    taken = {option.key for option in given} - {None}
    stored = []
    for option in given:
        key = option.key or _free(known.get(option.name.casefold()) or _from(option.name), taken)
        taken.add(key)
        stored.append({"key": key, "name": option.name, "color": option.color})
    return stored


def _from(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_LONGEST_KEY] or "option"


def _free(key: str, taken: Iterable[str | None]) -> str:
    if key not in taken:
        return key
    number = 2
    while f"{key}_{number}" in taken:
        number += 1
    return f"{key}_{number}"


def _require_each_once(values: Sequence[str | None], what: str) -> None:
    for index, value in enumerate(values):
        if value is not None and value in values[:index]:
            raise bad_options(index, "repeated", f"Another option has this {what}")
