"""Facts about imports: that one was begun, with every field, and how it ended."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from taskapi.core.change_log.publish import Fact, creation, difference
from taskapi.core.resources.document import Fields

# What changes many times a second while it runs, and where the file stands; how it ended is told once it has.
_UNTOLD: Final = frozenset({"progress", "eta", "problems"})


def import_created(fields: Fields, project_key: str) -> Fact:
    return _fact("import.created", fields, creation(_told(fields)), project_key)


def import_finished(before: Fields, after: Fields, project_key: str) -> Fact:
    """From what its making told, so that the log alone leads to how it ended."""
    first = {name: before[name] for name in _told(before)}
    first |= dict.fromkeys(("created", "updated", "skipped", "failed", "problems_total"), 0)
    first |= {"state": "queued", **dict.fromkeys(("total", "error", "started_at", "finished_at"))}
    return _fact("import.finished", after, difference(first, _told(after)), project_key)


def _told(fields: Fields) -> dict[str, object]:
    return {name: value for name, value in fields.items() if name not in _UNTOLD}


def _fact(kind: str, fields: Fields, changes: Mapping[str, tuple[object, object]], project_key: str) -> Fact:
    return Fact(kind, "import", UUID(fields["id"]), changes, UUID(fields["project_id"]), project_key)
