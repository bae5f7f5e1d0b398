"""One change of many tasks: loaded, checked and written together, or not at all."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from taskapi.core.access.permissions import Permission, require
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Forbidden
from taskapi.core.lists.paging import MAX_COUNTED
from taskapi.core.resources.document import Document, Fields
from taskapi.tasks import changing
from taskapi.tasks import service as tasks
from taskapi.tasks.bulk import errors
from taskapi.tasks.bulk.schemas import MAX_TASKS, BulkPatch, BulkResult, BulkUpdate
from taskapi.tasks.errors import unknown_assignee
from taskapi.tasks.lists import service as lists
from taskapi.tasks.mentions import service as mentions
from taskapi.tasks.queries import TaskRow
from taskapi.tasks.schemas import MAX_ASSIGNEES, MAX_LABELS, TaskUpdate
from taskapi.tasks.tree import service as tree
from taskapi.tasks.wip import service as wip

# Written at once. Between two parts other requests have their turn, for each part is some milliseconds of computing.
_PART: Final = 100


async def change_tasks(session: DbSession, caller: Caller, data: BulkUpdate) -> BulkResult:
    """Nothing is written when one of the tasks cannot be found, or may not be changed so."""
    names = await mentions.names_in(data.patch.description)
    rows = await _load(session, caller, data)
    _require_writable(rows)
    for name in ("assignee_ids", "add_assignee_ids"):
        await _require_members(session, rows, name, getattr(data.patch, name))
    if data.patch.parent_id is not None:
        # Those who change what hangs below what: one at a time does, and sees what the one before has done.
        await tree.enter_queues(session, *{row["project_id"] for row in rows})
    projects = {row["project_id"] for row in rows} if names else set()
    mentioned = {project_id: await mentions.members_named(session, project_id, names) for project_id in projects}
    changed: list[UUID] = []
    for begin in range(0, len(rows), _PART):
        changed += await _change(session, caller, rows[begin : begin + _PART], data.patch, mentioned)
    await _require_room(session, rows, data.patch)
    return BulkResult(matched=len(rows), changed=len(changed), task_ids=sorted(changed))


async def _load(session: DbSession, caller: Caller, data: BulkUpdate) -> list[TaskRow]:
    enters = data.patch.status or None
    if data.filter is not None:
        return await _load_by_filter(session, caller, data.filter, enters)
    rows = await tasks.load_all(session, caller, data.ids, Permission.TASK_WRITE, enters=enters)
    if len(rows) < len(data.ids):
        found = {row["id"] for row in rows}
        raise errors.not_found(place for place, task_id in enumerate(data.ids) if task_id not in found)
    return rows


async def _load_by_filter(session: DbSession, caller: Caller, text: str, enters: str | None) -> list[TaskRow]:
    """Those that it shows. It is asked once more when they are locked, for some may have changed until then."""
    shown = await lists.ids_by_filter(session, caller, text, "/filter", MAX_COUNTED + 1)
    if len(shown) > MAX_TASKS:
        how_many = f"more than {MAX_COUNTED}" if len(shown) > MAX_COUNTED else str(len(shown))
        detail = f"It finds {how_many} tasks, and {MAX_TASKS} at most are changed at once"
        raise errors.TooManyTasks(detail, ("/filter", "too_many_tasks", detail))
    if not shown:
        return []
    rows = await tasks.load_all(session, caller, shown, Permission.TASK_WRITE, enters=enters)
    still = await lists.ids_by_filter(session, caller, text, "/filter", MAX_COUNTED + 1)
    return [row for row in rows if row["id"] in still]


def _require_writable(rows: Sequence[TaskRow]) -> None:
    """By role first: who may not write hears nothing of what else is in the way."""
    for role in {row["role"] for row in rows}:
        try:
            require(role, Permission.TASK_WRITE)
        except Forbidden as refusal:
            raise errors.forbidden(refusal, (row["id"] for row in rows if row["role"] == role)) from None
    if any(row["archived_at"] is not None for row in rows):
        raise errors.archived(row["id"] for row in rows if row["archived_at"] is not None)


async def _require_members(session: DbSession, rows: Sequence[TaskRow], name: str, user_ids: list[UUID]) -> None:
    """Of each of the projects, once: whoever is assigned to a task is somebody there."""
    tasks_of = {row["project_id"]: row["id"] for row in rows} if user_ids else {}
    for project_id in sorted(tasks_of):
        members = await tasks.members_among(session, project_id, user_ids)
        for place, user_id in enumerate(user_ids):
            if user_id not in members:
                with errors.about(tasks_of[project_id]):
                    raise unknown_assignee(place, f"/{name}")


async def _require_room(session: DbSession, rows: Sequence[TaskRow], patch: BulkPatch) -> None:
    """In the status that some have entered, by project: many come in at once, so they are counted afterwards."""
    entered = [row for row in rows if patch.status and Document.of(row).fields()["status"] != patch.status]
    limits = {row["project_id"]: (row["enters_limit"], row["id"]) for row in entered}
    for project_id in sorted(limits):
        limit, task_id = limits[project_id]
        with errors.about(task_id):
            await wip.require_room(session, project_id, patch.status, limit, entering=0)


async def _change(
    session: DbSession,
    caller: Caller,
    rows: Sequence[TaskRow],
    patch: BulkPatch,
    mentioned: Mapping[UUID, Sequence[UUID]],
) -> list[UUID]:
    """`mentioned` are the members whom the patch names, by project."""
    same, now = None if patch.differs_by_task else _for_each(patch), utc_now()
    changes = []
    for row in rows:
        before = Document.of(row)
        with errors.about(row["id"]):
            update = same or _for_one(patch, before.fields())
            named = mentioned.get(row["project_id"], ())
            changes.append((before, await tasks.patched(session, row, before, update, now, named, among_many=True)))
    return list(await tasks.change_all(session, caller, changes))


def _for_each(patch: BulkPatch, **differing: object) -> TaskUpdate:
    """What a request for one task would have said."""
    given = patch.model_dump(mode="json", include=set(TaskUpdate.model_fields), exclude_unset=True)
    return TaskUpdate.model_validate({**given, **differing})


def _for_one(patch: BulkPatch, fields: Fields) -> TaskUpdate:
    differing: dict[str, object] = {}
    people = _with(changing.assignees(fields), patch.add_assignee_ids, patch.remove_assignee_ids)
    labels = _with(changing.labels(fields), patch.add_label_ids, patch.remove_label_ids)
    if len(people) > MAX_ASSIGNEES:
        raise errors.TooManyAssignees(f"A task has at most {MAX_ASSIGNEES} assignees")
    if len(labels) > MAX_LABELS:
        raise errors.TooManyLabelsOfTask(f"A task has at most {MAX_LABELS} labels")
    if patch.add_assignee_ids or patch.remove_assignee_ids:
        differing["assignee_ids"] = [str(user_id) for user_id in people]
    if patch.add_label_ids or patch.remove_label_ids:
        differing["label_ids"] = [str(label_id) for label_id in labels]
    return _for_each(patch, **differing)


def _with(had: Sequence[UUID], added: Sequence[UUID], removed: Sequence[UUID]) -> list[UUID]:
    return list(dict.fromkeys([*(one for one in had if one not in removed), *added]))
