"""Which column of a CSV is which field of a task: by its name, or as the client says."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

OWN: Final = "fields."
"""`fields.severity`: a custom field, by its key or its name."""
_LONGEST_NAME: Final = 200
# The names that people and trackers give to fields, best first: of two columns for one field the better one is taken.
_KNOWN: Final[Mapping[str, Sequence[str]]] = {
    "key": ("key", "issuekey", "externalid", "taskid", "issueid", "id"),
    "title": ("title", "summary", "taskname", "name", "task", "subject", "content"),
    "description": ("description", "details", "body", "notes"),
    "status": ("status", "state", "column", "section"),
    "category": ("statuscategory", "category"),
    "priority": ("priority",),
    "assignee": ("assignee", "assignees", "assigneeemail", "assignedto", "owner", "responsible"),
    "labels": ("labels", "label", "tags", "tag"),
    "start": ("start", "starton", "startdate"),
    "due": ("due", "dueon", "duedate", "dueat", "deadline"),
    "estimate": ("estimate", "storypoint", "storypoints", "points", "estimation"),
    "parent": ("parent", "parentkey", "parentid", "parentissue"),
    "created": ("created", "createdat", "creationdate", "createdon"),
    "creator": ("creator", "createdby", "reporter", "author"),
    "completed": ("completed", "completedat", "resolved", "resolutiondate", "closedat", "doneat"),
}
FIELDS: Final = tuple(_KNOWN)
SEVERAL: Final = frozenset({"labels", "assignee"})
"""What several columns may say together."""
_FIELD_OF: Final = {name: (field, rank) for field, names in _KNOWN.items() for rank, name in enumerate(names)}
_APART: Final = re.compile(r"[\s_\-./()]+")
_LIKE_A_VALUE: Final = re.compile(r"[\d\s.,:/+-]*|.*@.*")


def field_of(name: str) -> str | None:
    """What is meant by a column's name, or by the name that a client gives to a field; None: nothing that is known."""
    if name.startswith(OWN):
        return name if name.removeprefix(OWN).strip() else None
    found = _FIELD_OF.get(_plain(name))
    return found[0] if found else None


def is_header(first: Sequence[str], mapping: Mapping[str, str | None]) -> bool:
    """Whether the first row names the columns: some name is known, or all cells look like names."""
    cells = [cell.strip().removeprefix("\ufeff") for cell in first]
    if any(cell in mapping or field_of(cell) for cell in cells):
        return True
    if any(name.isdigit() for name in mapping):
        return False
    return len(set(cells)) == len(cells) and not any(_LIKE_A_VALUE.fullmatch(cell) for cell in cells)


def named(first: Sequence[str]) -> list[str]:
    """The names in the first row; a column without one is called by its number."""
    cells = (cell.strip().removeprefix("\ufeff")[:_LONGEST_NAME] for cell in first)
    return [cell or str(place) for place, cell in enumerate(cells, 1)]


def mapped(names: Sequence[str], mapping: Mapping[str, str | None] | None) -> dict[str, str]:
    """By the column: its field. What the client says goes first; the others are known by their names."""
    said = ((name, wanted) for name, wanted in (mapping or {}).items() if name in names and wanted is not None)
    given = {name: field for name, wanted in said if (field := field_of(wanted))}
    taken = set(given.values()) - SEVERAL
    others: dict[str, tuple[int, str]] = {}
    found = dict(given)
    for name in names:
        field, rank = _FIELD_OF.get(_plain(name), (None, 0))
        if field is None or name in (mapping or {}) or field in taken:
            continue
        if field in SEVERAL:
            found[name] = field
        elif field not in others or rank < others[field][0]:
            others[field] = (rank, name)
    found |= {name: field for field, (_, name) in others.items()}
    return {name: found[name] for name in names if name in found}


def _plain(name: str) -> str:
    return _APART.sub("", name.casefold())
