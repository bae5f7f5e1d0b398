"""What cards refer to: lists, labels, members and fields of their board."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from taskapi.imports import texts
from taskapi.imports.aside import Aside
from taskapi.imports.known import meaning_of
from taskapi.imports.records import ImportedPerson
from taskapi.models import StatusCategory

DONE, ARCHIVED = "Done", "Archived"
"""Statuses for what no list says: a card that is complete, and one that was put away as it was."""
_MOST_KEPT: Final = 10_000
_COLORS: Final = {
    "green": "#4bce97",
    "yellow": "#f5cd47",
    "orange": "#fea362",
    "red": "#f87168",
    "purple": "#9f8fef",
    "blue": "#579dff",
    "sky": "#6cc3e0",
    "lime": "#94c748",
    "pink": "#e774bb",
    "black": "#8590a2",
}


@dataclass(slots=True)
class Board:
    kept: Aside
    people: dict[str, ImportedPerson] = field(default_factory=dict)

    def list_named(self, list_id: str | None, otherwise: str | None = None) -> str | None:
        """As it is called now; as it was called then, where the export does not have it."""
        found = self.kept.one("list", list_id) if list_id else None
        return _name(found) or (texts.name(otherwise) if otherwise else None)

    def is_list_closed(self, list_id: str | None) -> bool:
        found = self.kept.one("list", list_id) if list_id else None
        return isinstance(found, dict) and found.get("closed") is True

    def label(self, label_id: str) -> str | None:
        found = self.kept.one("label", label_id)
        return label_of(found) if isinstance(found, dict) else None

    def person(self, member_id: str | None, said: Mapping[str, Any] | None = None) -> ImportedPerson | None:
        """Each as one, from wherever; of who left the board, a log entry may tell the name."""
        if not member_id:
            return None
        if member_id in self.people:
            return self.people[member_id]
        found = self.kept.one("member", member_id) or said or {}
        name = _text(found, "fullName") or _text(found, "name") or _text(found, "username")
        person = ImportedPerson(name, _text(found, "email"), member_id)
        if name and len(self.people) < _MOST_KEPT:
            self.people[member_id] = person
        return person

    def field_named(self, field_id: str) -> str | None:
        return _name(self.kept.one("field", field_id))

    def option(self, field_id: str, option_id: str) -> str | None:
        found = self.kept.one("field", field_id)
        options = found.get("options") if isinstance(found, dict) else None
        for option in options if isinstance(options, list) else ():
            if isinstance(option, dict) and option.get("id") == option_id:
                value = option.get("value")
                return _text(value, "text") if isinstance(value, dict) else None
        return None


def status_of(list_name: str | None, *, is_closed: bool, is_complete: bool) -> tuple[str | None, str | None]:
    """The status of a card and, where that is ours to say, its category: a list that means done says it all."""
    if list_name and meaning_of(list_name) is StatusCategory.DONE:
        return list_name, StatusCategory.DONE.value
    if is_complete:
        return DONE, StatusCategory.DONE.value
    if is_closed:
        return ARCHIVED, StatusCategory.CANCELLED.value
    return list_name, None


def label_of(label: Mapping[str, Any]) -> str | None:
    """A label without a name is known by its colour."""
    return _name(label) or texts.name(_text(label, "color") or "") or None


def color_of(label: object) -> tuple[str, str] | None:
    """The name of a label and what its colour looks like; dark and light ones are near to what they are called by."""
    if not isinstance(label, dict):
        return None
    name, color = label_of(label), _COLORS.get((_text(label, "color") or "").partition("_")[0])
    return (name, color) if name and color else None


def _name(found: object) -> str | None:
    return texts.name(_text(found, "name") or "") or None if isinstance(found, dict) else None


def _text(found: Mapping[str, Any], name: str) -> str | None:
    """Without what no text has; a wrong one counts as none."""
    value = found.get(name)
    return value if isinstance(value, str) and value and not texts.why_not_taken(value) else None
