"""Objects of JSON that somebody else wrote: a value is asked for as what it must be, and a wrong one is told of."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from taskapi.imports import texts, values
from taskapi.imports.records import Problem

_NEVER: Final = re.compile("[\0\ud800-\udfff]")
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SHOWN: Final = 60
_LONGEST_ID: Final = 200
_CALLED: Final = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list"}


@dataclass(frozen=True, slots=True)
class Object:
    """One object at one place of the file, and the problems that were found in it.

    A value of the wrong kind is a problem and counts as none, so that one bad value costs no task.
    """

    line: int
    said: Mapping[str, object]
    path: str = ""
    problems: list[Problem] = field(default_factory=list)
    called: Mapping[str, str] = field(default_factory=dict)
    """How the file calls what is asked for by another name here."""

    def text(self, name: str) -> str | None:
        """None where there is none, or an empty one."""
        value = self.said.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            return self.clean(name, value)
        self.blame(name, f"must be a text, and is {_kind(value)}")
        return None

    def id(self, name: str) -> str | None:
        """A text or an integer, as a text."""
        value = self.said.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        found = self.text(name)
        if found is not None and len(found) > _LONGEST_ID:
            self.blame(name, f"must be an id of at most {_LONGEST_ID} characters")
            return None
        return found

    def flag(self, name: str) -> bool:
        value = self.said.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        if isinstance(value, int) and value in {0, 1}:
            return bool(value)
        self.blame(name, f"must be true or false, and is {_kind(value)}")
        return False

    def number(self, name: str) -> float | None:
        value = self.said.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                return values.number(value)
            except ValueError as error:
                self.blame(name, f"{value[:_SHOWN]!r} {error}")
                return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.blame(name, f"must be a number, and is {_kind(value)}")
        elif not math.isfinite(value):
            self.blame(name, "is no number that can be counted with")
        else:
            return value
        return None

    def estimate(self, name: str, divisor: int = 1) -> float | None:
        value = self.number(name)
        if value is None:
            return None
        try:
            return values.estimate(str(value / divisor))
        except ValueError as error:
            self.blame(name, f"{str(value)[:_SHOWN]} {error}")
            return None

    def instant(self, name: str) -> datetime | None:
        found = self.moment(name)
        if isinstance(found, datetime) or found is None:
            return found
        return datetime(found.year, found.month, found.day, tzinfo=UTC)

    def day(self, name: str) -> date | None:
        found = self.moment(name)
        return found.date() if isinstance(found, datetime) else found

    def moment(self, name: str) -> date | datetime | None:
        """A day or an instant, whichever is written."""
        text = self.text(name)
        try:
            return values.moment(text, None, UTC) if text else None
        except ValueError as error:
            self.blame(name, f"“{(text or '')[:_SHOWN]}” {error}")
            return None

    def part(self, name: str) -> "Object | None":
        value = self.said.get(name)
        if value is None:
            return None
        if isinstance(value, dict):
            return self._within(name, value)
        self.blame(name, f"must be an object, and is {_kind(value)}")
        return None

    def parts(self, name: str) -> Sequence["Object"]:
        return [found for place, value in self._listed(name) if (found := self._item(name, place, value)) is not None]

    def texts(self, name: str) -> Sequence[str]:
        """The texts, and integers, of a list."""
        found = []
        for place, value in self._listed(name):
            if isinstance(value, int) and not isinstance(value, bool):
                found.append(str(value))
            elif isinstance(value, str):
                found.append(self.clean(f"{name}[{place}]", value))
            else:
                self.blame(f"{name}[{place}]", f"must be a text, and is {_kind(value)}")
        return [text for text in found if text]

    def blame(self, name: str, why: str) -> None:
        """A value could not be taken; the rest of the task is."""
        detail = f"The value {why}; the task was taken without it"
        self.problems.append(Problem(self.line, self.column(name), "invalid_value", detail, is_lost=False))

    def column(self, name: str) -> str:
        return self.path + self.called.get(name, name)

    def lost(self, name: str | None, code: str, detail: str) -> Problem:
        return Problem(self.line, None if name is None else self.column(name), code, detail)

    def _within(self, name: str, value: Mapping[str, object]) -> "Object":
        return Object(self.line, value, f"{self.column(name)}.", self.problems)

    def _item(self, name: str, place: int, value: object) -> "Object | None":
        if isinstance(value, dict):
            return self._within(f"{self.called.get(name, name)}[{place}]", value)
        self.blame(f"{name}[{place}]", f"must be an object, and is {_kind(value)}")
        return None

    def _listed(self, name: str) -> Iterator[tuple[int, object]]:
        value = self.said.get(name)
        if isinstance(value, list):
            yield from enumerate(value)
        elif value is not None:
            self.blame(name, f"must be a list, and is {_kind(value)}")

    def clean(self, name: str, text: str) -> str:
        """Without what no text has, which is told of."""
        if text.isascii() and "\0" not in text:
            return text
        whole = _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
        why = texts.why_not_taken(whole)
        if why is None:
            return whole
        detail = f"The text {why}: each was replaced by “\N{REPLACEMENT CHARACTER}”"
        self.problems.append(Problem(self.line, self.column(name), "unreadable", detail, is_lost=False))
        return _NEVER.sub("\N{REPLACEMENT CHARACTER}", whole)


def _kind(value: object) -> str:
    return _CALLED.get(type(value), "an object")
