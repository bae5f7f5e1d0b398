"""Tasks copied with their project: numbered anew, below the copies of their parents, without other people."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json

from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.hooks import Hook
from taskapi.core.ids import new_id
from taskapi.core.resources.document import Document, Fields
from taskapi.core.resources.records import Place
from taskapi.projects.errors import TooManyTasksToCopy
from taskapi.projects.fields import service as custom_fields
from taskapi.projects.fields import values as custom_values
from taskapi.projects.fields.values import Definitions
from taskapi.tasks import events, ranking
from taskapi.tasks.copies import queries
from taskapi.tasks.copies.queries import OutlineRow

# With session, caller, and where the copy of each task is.
ON_TASKS_COPIED: Final[Hook[[DbSession, Caller, Mapping[UUID, Place]]]] = Hook("tasks are copied with their project")
# What refers to something that may have been copied, too: to the copy, or to nothing.
_REFERENCES: Final = ("parent_id", "milestone_id", "cycle_id")


async def copy_tasks(session: DbSession, caller: Caller, source: Place, copy: Place, ids: Mapping[str, str]) -> None:
    """`ids` are those of the project's parts that were copied before. However long the texts, a step is in memory."""
    outline = await session.fetch_rows(queries.OUTLINE, of_project=source.id)
    if len(outline) > queries.MOST:
        raise TooManyTasksToCopy(f"It has more than {queries.MOST} tasks; copy it without them")
    if not outline:
        return
    definitions = await custom_fields.definitions(session, source.id, hold=False)
    places = _places(outline)
    known = {**ids, **{task_id: str(new_id()) for task_id in places}}
    order = _parents_first(outline)
    for start in range(0, len(order), queries.STEP):
        step = order[start : start + queries.STEP]
        rows = await session.fetch_rows(queries.READ, ids=step, project_key=source.key)
        tasks = [Document.of(row).fields() for row in rows]
        copied = [
            {**_copied(task, known, definitions, caller), **places[task["id"]], "project_id": copy.id} for task in tasks
        ]
        written = await session.fetch_rows(queries.WRITE, rows=to_json(copied).decode(), project_key=copy.key)
        await publish(session, caller, *(events.task_created(Document.of(row).fields()) for row in written))
    await session.run(queries.COUNT_ON, of_project=copy.id, last=len(outline))
    copies = {
        UUID(task_id): Place(UUID(known[task_id]), copy.id, f"{copy.key}-{place['number']}")
        for task_id, place in places.items()
    }
    await ON_TASKS_COPIED(session, caller, copies)


def _places(outline: Sequence[OutlineRow]) -> dict[str, dict[str, Any]]:
    """By the task's id: where its copy stands, in the orders that it stood in.

    The copies are made one after the other, so that lists by age have them in the order of their numbers.
    """
    now = utc_now()
    by_number = sorted(outline, key=lambda row: row["number"])
    by_rank = sorted(outline, key=lambda row: (row["rank"].encode(), row["id"]))
    ranks = {row["id"]: ranking.of_number(place) for place, row in enumerate(by_rank, 1)}
    return {
        str(row["id"]): {
            "number": number,
            "rank": ranks[row["id"]],
            **dict.fromkeys(("created_at", "updated_at"), now + timedelta(microseconds=number)),
        }
        for number, row in enumerate(by_number, 1)
    }


def _parents_first(outline: Sequence[OutlineRow]) -> list[UUID]:
    """A parent has to be there when its children come."""
    parents = {row["id"]: row["parent_id"] for row in outline}
    depths: dict[UUID, int] = {}
    for task_id in parents:
        above = [task_id]
        while (parent := parents.get(above[-1])) is not None and parent in parents and parent not in depths:
            above.append(parent)
        for one in reversed(above):
            parent = parents[one]
            depths[one] = 1 + depths[parent] if parent in depths else 0
    return sorted(parents, key=depths.__getitem__)


def _copied(task: Fields, known: Mapping[str, str], definitions: Definitions, caller: Caller) -> dict[str, Any]:
    """A row for the copy, in the words of the public representation."""
    me = str(caller.id)
    people = custom_values.people(definitions, task["fields"])
    references = {name: known.get(task.get(name) or "") for name in _REFERENCES}
    return {
        **{name: task.get(name) for name in queries.GIVEN},
        **references,
        "id": known[task["id"]],
        **{name: [me] if me in task[name] else [] for name in ("assignee_ids", "mentions")},
        "label_ids": [known[label] for label in task["label_ids"] if label in known],
        "fields": {key: value for key, value in task["fields"].items() if people.get(key, caller.id) == caller.id},
        "created_by": me,
    }
