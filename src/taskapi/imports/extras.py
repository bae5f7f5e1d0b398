"""What a file says of a task that no field of ours holds: taken as custom fields on request, else told of once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from taskapi.imports import texts
from taskapi.imports.records import UNKNOWN_FIELDS, Problem, Reading


@dataclass(slots=True)
class Extras:
    reading: Reading
    told: set[str] = field(default_factory=set)

    def taken(self, found: Mapping[str, object]) -> dict[str, object]:
        """By the names of the file."""
        if self.reading.options.get("unknown") != UNKNOWN_FIELDS:
            return {}
        return {texts.name(name): value for name, value in found.items() if _says(value) and texts.name(name)}

    def left_out(self, line: int, found: Mapping[str, object]) -> Iterator[Problem]:
        """A problem for each name that was not met before, so that a file does not repeat it for each of its tasks."""
        if self.reading.options.get("unknown") == UNKNOWN_FIELDS:
            return
        for name, value in found.items():
            if _says(value) and name not in self.told:
                self.told.add(name)
                detail = "It is no field of a task and was left out: take such values with `unknown: fields`"
                yield Problem(line, name, "unknown_column", detail, is_lost=False)


def _says(value: object) -> bool:
    return value is not None and value not in ("", [], ())
