"""A list in groups: of each its key, how many there are, and its first page."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypedDict

from taskapi.core.lists.paging import Slice


class GroupRow(TypedDict):
    """A row of a group, or a group without rows. Beside `body` stand the values of its order, as in a page."""

    key: str
    counted: int
    body: str | None


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    counted: int
    """One more than MAX_COUNTED stands for "more than that"."""
    first: Slice

    @property
    def rows(self) -> bool:
        return bool(self.first.rows)


def grouped(rows: Sequence[GroupRow], limit: int) -> list[Group]:
    """As they come: the rows of a group stand beside each other."""
    groups = []
    for key, found in groupby(rows, key=lambda row: row["key"]):
        of_group = list(found)
        items = [row for row in of_group if row["body"] is not None]
        groups.append(Group(key, of_group[0]["counted"], Slice(items[:limit], len(items) > limit)))  # type: ignore[arg-type]  # those without a body are left out
    return groups
