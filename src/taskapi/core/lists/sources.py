"""Whose rows a list shows: the part of its statement that decides what is seen at all."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """SQL as `prepare_text` takes it."""

    start: str
    """What FROM begins with: the projects that are shown, and whom they are shown to."""
    home: str
    """The column of `start` that the rows are found by: a project's id."""
    condition: str
    """What holds for the rows of `start`."""
    beside: str = ""
    """A common table expression that is executed with a page, and not with its count."""
    is_everywhere: bool = False
    """Whether it is all projects of somebody: what leads to rows without their project is then the shorter way."""


@dataclass(frozen=True, slots=True)
class Source:
    """An origin with the values of its parameters."""

    origin: Origin
    values: Mapping[str, object]
    """Those of `condition`."""
    values_beside: Mapping[str, object]
    """What `beside` asks for more than that."""
