"""What a PATCH, a completion, a reopening or a move changes in a task: decided from what is known, without looking.

`fields` is a task's public representation, as JSON has it. The answer is columns with their new values; none: nothing
changes, and the version stays.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic_core import from_json

from taskapi.core.resources.document import Fields
from taskapi.models import StatusCategory
from taskapi.tasks import errors, ranking
from taskapi.tasks.schemas import TaskUpdate

Changes = dict[str, object]
_DOCUMENTS: Final = frozenset({"fields", "recurrence"})
CLOSED: Final = frozenset({StatusCategory.DONE, StatusCategory.CANCELLED})
# Where a task starts that was closed, or comes from another project.
FIRST_IN_WORK: Final = (StatusCategory.UNSTARTED, StatusCategory.BACKLOG, StatusCategory.STARTED)


def patched(
    fields: Fields, data: TaskUpdate, category: str | None, now: datetime, mentioned: Sequence[UUID] = ()
) -> Changes:
    """A merge patch. `category` is that of the status which it names, None where the project has no such status.

    `mentioned` are the members whom its description names.
    """
    changes = _differing(fields, data)
    if "description" in changes and [str(user_id) for user_id in mentioned] != fields["mentions"]:
        changes["mentions"] = list(mentioned)
    if "status" in changes:
        if category is None:
            raise errors.unknown_status()
        changes |= entering(fields, data.status, category, now)
    if changes.get("due_on") is not None:
        changes["due_at"] = None
    elif changes.get("due_at") is not None:
        changes["due_on"] = None
    _require_start_before_due(fields, changes)
    return changes


def _require_start_before_due(fields: Fields, changes: Changes) -> None:
    """Judged on what results, and only by a patch that has to do with it: what is so already stands in nobody's way."""
    if not {"start_on", "due_on"} & changes.keys():
        return
    start_on, due_on = (str(changes.get(name, fields[name]) or "") for name in ("start_on", "due_on"))
    if start_on and due_on and start_on > due_on:
        raise errors.starts_after_due("/start_on" if "start_on" in changes else "/due_on")


def recurs(fields: Fields, changes: Changes) -> bool:
    """Whether these changes finish an occurrence of a series. To cancel one is not to do it: the series rests there."""
    return fields["recurrence"] is not None and changes.get("status_category") == StatusCategory.DONE


def entering(fields: Fields, status: str, category: str, now: datetime) -> Changes:
    """A step into a status: closing sets `completed_at`, opening again clears it."""
    closes, was_closed = category in CLOSED, fields["completed_at"] is not None
    changes: Changes = {"status": status, "status_category": category}
    if closes != was_closed:
        changes["completed_at"] = now if closes else None
    return changes


def arriving(fields: Fields, project_id: UUID, number: int, members: Collection[UUID]) -> Changes:
    """A move to another project: last in its order, assigned to those who are members there, without its parent."""
    return {
        "project_id": project_id,
        "number": number,
        "rank": ranking.of_number(number),
        "assignee_ids": [user_id for user_id in assignees(fields) if user_id in members],
        "parent_id": None,
    }


def as_row(fields: Fields, changes: Changes, columns: Collection[str]) -> dict[str, object]:
    """For a statement that writes several: these columns after the changes, in JSON; documents are columns' text."""
    changed = {
        name: from_json(value) if name in _DOCUMENTS and isinstance(value, str) else value
        for name, value in changes.items()
    }
    return {**{name: fields[name] for name in ("id", "project_id", *columns)}, **changed}


def labels(fields: Fields) -> list[UUID]:
    return [UUID(label_id) for label_id in fields["label_ids"]]


def assignees(fields: Fields) -> list[UUID]:
    return [UUID(user_id) for user_id in fields["assignee_ids"]]


def _differing(fields: Fields, data: TaskUpdate) -> Changes:
    """What the patch names and the task does not have already: JSON is compared with JSON.

    Custom fields are merged by their definitions, which are not known here.
    """
    wanted = data.model_dump(mode="json", exclude_unset=True, exclude={"fields"})
    return data.model_dump(include={name for name, value in wanted.items() if fields[name] != value})
