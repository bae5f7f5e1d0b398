"""A new task from a template: what the request leaves out, the checklist and the subtasks.

What the template names and the project has no more is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic_core import to_json

from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.hooks import Hook
from taskapi.core.ids import new_id
from taskapi.core.resources.document import Document, Fields
from taskapi.core.resources.records import Place
from taskapi.models import Priority
from taskapi.projects.fields import service as custom_fields
from taskapi.projects.fields import values as custom_values
from taskapi.projects.fields.values import Values
from taskapi.projects.templates.queries import TASK_TEMPLATE
from taskapi.tasks import errors, events, queries, ranking
from taskapi.tasks.copies.queries import GIVEN, WRITE
from taskapi.tasks.marks import service as marks
from taskapi.tasks.schemas import TaskCreate

# With session, caller, the place of a task that was just made, and the texts of its checklist.
ON_CHECKLIST: Final[Hook[[DbSession, Caller, Place, Sequence[str]]]] = Hook("a task is made with a checklist")
# What a subtask has of the task that it is a part of.
_SHARED: Final = frozenset({"project_id", "status", "status_category", "completed_at", "created_by"})
_EMPTY: Final[Fields] = {"priority": Priority.NONE, "assignee_ids": [], "label_ids": [], "mentions": [], "fields": {}}


@dataclass(frozen=True, slots=True)
class Outline:
    """What hangs on a task from the beginning: the texts of its checklist, and the titles of its subtasks."""

    checklist: list[str]
    subtasks: list[str]


async def filled(
    session: DbSession, caller: Caller, project_id: UUID, template_id: UUID, data: TaskCreate
) -> tuple[TaskCreate, Outline]:
    """What the request says, and what it does not say as the template has it."""
    row = await session.fetch_row(TASK_TEMPLATE.find, of_id=template_id, of_place=project_id)
    if row is None:
        raise errors.unknown_template()
    template = Document.of(row).fields()
    said = {name: template[name] for name in ("title", "description", "estimate") if template[name] is not None}
    if template["priority"] != Priority.NONE:
        said["priority"] = Priority(template["priority"])
    if (due_on := due(template, caller)) is not None and not {"due_on", "due_at"} & data.model_fields_set:
        _require_start_before(data, due_on)
        said["due_on"] = due_on
    said |= await _there_still(session, project_id, template)
    said = {name: value for name, value in said.items() if name not in data.model_fields_set or name == "fields"}
    if fields := said.pop("fields", {}):
        said["fields"] = {**fields, **data.fields}
    return data.model_copy(update=said), Outline(template["checklist"], template["subtasks"])


def due(template: Fields, caller: Caller, on: date | None = None) -> date | None:
    """The day a task of it is due that is made on this day, or today, where its maker is."""
    days = template["due_in_days"]
    if days is None:
        return None
    return (on or utc_now().astimezone(ZoneInfo(caller.timezone)).date()) + timedelta(days=days)


async def furnish(
    session: DbSession, caller: Caller, project_key: str, task: Fields, outline: Outline, starts_with: Mapping[str, Any]
) -> None:
    """A checklist and subtasks for a task that was made in this transaction, so that nobody else knows it."""
    task_id, project_id = UUID(task["id"]), UUID(task["project_id"])
    if outline.checklist:
        await ON_CHECKLIST(session, caller, Place(task_id, project_id, task["key"]), outline.checklist)
    if not outline.subtasks:
        return
    count, now = len(outline.subtasks), utc_now()
    last = await session.only_value(queries.NEXT_NUMBERS, project_id=project_id, count=count)
    rows = [
        {
            **dict.fromkeys(GIVEN),
            **_EMPTY,
            **starts_with,
            **{name: task[name] for name in _SHARED},
            "id": new_id(),
            "title": title,
            "parent_id": task_id,
            "number": number,
            "rank": ranking.of_number(number),
            **dict.fromkeys(("created_at", "updated_at"), now),
        }
        for number, title in enumerate(outline.subtasks, last - count + 1)
    ]
    written = await session.fetch_rows(WRITE, rows=to_json(rows).decode(), project_key=project_key)
    await publish(session, caller, *(events.task_created(Document.of(row).fields()) for row in written))


async def _there_still(session: DbSession, project_id: UUID, template: Fields) -> dict[str, Any]:
    """Of what the template names what the project has; nothing is asked for what names nothing."""
    found: dict[str, Any] = {}
    labels = [UUID(label_id) for label_id in template["label_ids"]]
    if labels:
        there = await marks.labels_among(session, project_id, labels)
        found["label_ids"] = [label_id for label_id in labels if label_id in there]
    values: Values = template["fields"]
    people: dict[str, UUID] = {}
    if values:
        definitions = await custom_fields.definitions(session, project_id)
        values = custom_values.fitting(definitions, values)
        people = custom_values.people(definitions, values)
    assignees = [UUID(user_id) for user_id in template["assignee_ids"]]
    if not (assignees or values):
        return found
    named = [*assignees, *people.values()]
    members = await session.fetch_values(queries.MEMBERS_AMONG, project_id=project_id, user_ids=named) if named else []
    found["assignee_ids"] = [user_id for user_id in assignees if user_id in members]
    found["fields"] = {key: value for key, value in values.items() if key not in people or people[key] in members}
    return {name: value for name, value in found.items() if value}


def _require_start_before(data: TaskCreate, due_on: date) -> None:
    if data.start_on is not None and data.start_on > due_on:
        raise errors.starts_after_due("/start_on")
