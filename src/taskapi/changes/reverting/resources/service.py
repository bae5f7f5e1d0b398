"""Labels, comments, links and the like: what was made is removed, and what was removed is made again with its id."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from taskapi.changes.reverting import queries
from taskapi.changes.reverting.change import Change
from taskapi.changes.reverting.errors import NotRevertible, UnlikeThen
from taskapi.core.access.permissions import Permission, Scope
from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.errors import IdTaken, NotFound, PreconditionFailed, TransactionConflict
from taskapi.core.fields import Input, Patch
from taskapi.core.resources.document import Document
from taskapi.projects.cycles import service as cycles
from taskapi.projects.cycles.schemas import CycleCreate, CycleUpdate
from taskapi.projects.fields import service as fields
from taskapi.projects.fields.schemas import FieldCreate, FieldUpdate
from taskapi.projects.labels import service as labels
from taskapi.projects.labels.schemas import LabelCreate, LabelUpdate
from taskapi.projects.milestones import service as milestones
from taskapi.projects.milestones.schemas import MilestoneCreate, MilestoneUpdate
from taskapi.projects.statuses import service as statuses
from taskapi.projects.statuses.schemas import StatusCreate, StatusUpdate
from taskapi.tasks import service as tasks
from taskapi.tasks.checklist import service as checklist
from taskapi.tasks.checklist.schemas import ItemCreate, ItemUpdate
from taskapi.tasks.comments import service as comments
from taskapi.tasks.comments.schemas import CommentCreate, CommentUpdate, CommentView
from taskapi.tasks.links import service as links
from taskapi.tasks.links.schemas import LinkCreate
from taskapi.tasks.time_entries import service as time_entries
from taskapi.tasks.time_entries.schemas import TimeEntryCreate, TimeEntryUpdate
from taskapi.tasks.views import service as views
from taskapi.tasks.views.schemas import ViewCreate, ViewUpdate

_PROJECT: Final = "project_id"
# Others shift it by coming and going; and the length of a time entry follows from its ends.
_DERIVED: Final = frozenset({"position", "seconds"})


@dataclass(frozen=True, slots=True)
class Verbs:
    """How one kind of resource is read, made, changed and removed: the services behind its routes.

    `holder` is the field that names what it is in; `owner` the one that names whose it is, where it is somebody's.
    """

    read: Callable[[DbSession, Caller, str, UUID], Awaitable[Document]]
    create: Callable[[DbSession, Caller, str, Any], Awaitable[Document]]
    remove: Callable[[DbSession, Caller, str, UUID, str | None], Awaitable[None]]
    creation: type[Input]
    update: Callable[[DbSession, Caller, str, UUID, Any, str | None], Awaitable[Document]] | None = None
    patch: type[Patch] | None = None
    holder: str = _PROJECT
    owner: str | None = None
    scope: Scope = Scope.PROJECTS_WRITE


async def _read_comment(session: DbSession, caller: Caller, task: str, comment_id: UUID) -> Document:
    return await comments.get_comment(session, caller, task, comment_id, CommentView())


async def _remove_status(
    session: DbSession, caller: Caller, project: str, status_id: UUID, if_match: str | None
) -> None:
    await statuses.delete_status(session, caller, project, status_id, None, if_match)


async def _read_view(session: DbSession, caller: Caller, _: str, view_id: UUID) -> Document:
    return await views.get_view(session, caller, view_id)


async def _create_view(session: DbSession, caller: Caller, project: str, data: ViewCreate) -> Document:
    return await views.create_view(session, caller, data.model_copy(update={"project": project}))


async def _update_view(
    session: DbSession, caller: Caller, _: str, view_id: UUID, data: ViewUpdate, if_match: str | None
) -> Document:
    return await views.update_view(session, caller, view_id, data, if_match)


async def _remove_view(session: DbSession, caller: Caller, _: str, view_id: UUID, if_match: str | None) -> None:
    await views.delete_view(session, caller, view_id, if_match)


async def _create_link(session: DbSession, caller: Caller, task: str, data: LinkCreate) -> Document:
    return await links.create_link(session, caller, task, data)


# By the word before the dot of their kinds.
VERBS: Final[dict[str, Verbs]] = {
    "label": Verbs(
        *(labels.get_label, labels.create_label, labels.delete_label, LabelCreate, labels.update_label, LabelUpdate)
    ),
    "milestone": Verbs(
        *(milestones.get_milestone, milestones.create_milestone, milestones.delete_milestone, MilestoneCreate),
        *(milestones.update_milestone, MilestoneUpdate),
    ),
    "cycle": Verbs(
        *(cycles.get_cycle, cycles.create_cycle, cycles.delete_cycle, CycleCreate, cycles.update_cycle, CycleUpdate)
    ),
    "field": Verbs(
        *(fields.get_field, fields.create_field, fields.delete_field, FieldCreate, fields.update_field, FieldUpdate)
    ),
    "status": Verbs(
        *(statuses.get_status, statuses.create_status, _remove_status, StatusCreate),
        *(statuses.update_status, StatusUpdate),
    ),
    "view": Verbs(
        *(_read_view, _create_view, _remove_view, ViewCreate, _update_view, ViewUpdate),
        owner="created_by",
        scope=Scope.TASKS_WRITE,
    ),
    "comment": Verbs(
        *(_read_comment, comments.create_comment, comments.delete_comment, CommentCreate),
        *(comments.update_comment, CommentUpdate),
        holder="task_id",
        owner="created_by",
        scope=Scope.TASKS_WRITE,
    ),
    "checklist_item": Verbs(
        *(checklist.get_item, checklist.create_item, checklist.delete_item, ItemCreate),
        *(checklist.update_item, ItemUpdate),
        holder="task_id",
        scope=Scope.TASKS_WRITE,
    ),
    "time_entry": Verbs(
        *(time_entries.get_time_entry, time_entries.create_time_entry, time_entries.delete_time_entry),
        *(TimeEntryCreate, time_entries.update_time_entry, TimeEntryUpdate),
        holder="task_id",
        owner="user_id",
        scope=Scope.TASKS_WRITE,
    ),
    "link": Verbs(
        *(links.get_link, links.create_link, links.delete_link, LinkCreate),
        holder="source_id",
        scope=Scope.TASKS_WRITE,
    ),
}


async def remove(session: DbSession, caller: Caller, change: Change) -> None:
    """What was made."""
    verbs = VERBS[change.subject_type]
    place = await _place(session, change, verbs)
    now = await _now(session, caller, change, place)
    change.require_as_left(now.fields(), but={*_DERIVED, "task_id"})
    try:
        await verbs.remove(session, caller, place, change.subject_id, now.etag)
    except (PreconditionFailed, NotFound):
        raise _meanwhile() from None


async def change_back(session: DbSession, caller: Caller, change: Change) -> None:
    verbs = VERBS[change.subject_type]
    assert verbs.update is not None
    assert verbs.patch is not None
    place = await _place(session, change, verbs)
    now = await _now(session, caller, change, place)
    change.require_as_left(now.fields())
    wanted = change.wanted(name for name in verbs.patch.model_fields if name != "seconds")
    if not wanted:
        raise NotRevertible("It went elsewhere, and nothing that it says has changed")
    patch = verbs.patch.model_validate(wanted)
    try:
        await verbs.update(session, caller, place, change.subject_id, patch, now.etag)
    except (PreconditionFailed, NotFound):
        raise _meanwhile() from None


async def make_again(session: DbSession, caller: Caller, change: Change) -> None:
    """With the id that it had; when it was made is now."""
    verbs, before = VERBS[change.subject_type], change.before
    if verbs.owner is not None and before[verbs.owner] != str(caller.id):
        raise NotRevertible("It was somebody else's: only who made it can make it again")
    place = await _place(session, change, verbs)
    given = {name: before[name] for name in verbs.creation.model_fields if name in before and name != "id"}
    if change.subject_type == "link":
        given["task_id"] = before["target_id"]
    if change.subject_type == "time_entry":
        del given["seconds"]
    data = verbs.creation.model_validate(given).model_copy(update={"id": change.subject_id})
    try:
        # What came after is looked up when the id is taken, which takes a transaction that goes on.
        async with session.savepoint():
            made = await verbs.create(session, caller, place, data)
    except IdTaken:
        raise UnlikeThen("id") from None
    await _rest(session, caller, change, place, made)


async def _rest(session: DbSession, caller: Caller, change: Change, place: str, made: Document) -> None:
    """What a new one cannot be told, and one that is there can: that a milestone is closed."""
    verbs, before = VERBS[change.subject_type], change.before
    if verbs.update is None or verbs.patch is None:
        return
    more = verbs.patch.model_fields.keys() - verbs.creation.model_fields.keys()
    left = {name: before[name] for name in more if name in before and before[name] != made.fields()[name]}
    if left:
        await verbs.update(session, caller, place, change.subject_id, verbs.patch.model_validate(left), None)


async def _now(session: DbSession, caller: Caller, change: Change, place: str) -> Document:
    verbs = VERBS[change.subject_type]
    if verbs.holder != _PROJECT:
        await tasks.find(session, caller, place, Permission.TASK_READ)
    try:
        return await verbs.read(session, caller, place, change.subject_id)
    except NotFound:
        raise UnlikeThen(*change.changes) from None


async def _place(session: DbSession, change: Change, verbs: Verbs) -> str:
    """What it is in: of what hangs on a task, the log says on which."""
    if verbs.holder == _PROJECT:
        return str(change.project_id)
    if before := change.before.get(verbs.holder):
        return str(before)
    found = await session.fetch_value(queries.HOLDER, of_subject=change.subject_id, name=verbs.holder)
    if found is None:
        raise NotRevertible("The change log has been shortened: it does not say any more what this was a part of")
    return str(found)


def _meanwhile() -> TransactionConflict:
    """Whoever was faster has changed it: looked at anew, it is not as it was left, and that is said."""
    return TransactionConflict("Somebody changed it at that moment; try again")
