"""A task moves to another project with its subtasks: new numbers, and of the rest what there is over there."""

from collections.abc import Sequence
from uuid import UUID

from pydantic_core import to_json

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import TransactionConflict
from taskapi.core.resources.document import Document, Fields, require_match
from taskapi.projects import service as projects
from taskapi.projects.queries import Archivable
from taskapi.tasks import changing, errors, events, queries
from taskapi.tasks import service as tasks
from taskapi.tasks.changing import FIRST_IN_WORK, Changes
from taskapi.tasks.marks import service as marks
from taskapi.tasks.order import service as order
from taskapi.tasks.queries import StatusRow
from taskapi.tasks.schemas import TaskMove
from taskapi.tasks.tree import service as tree
from taskapi.tasks.wip import service as wip


class Target(Archivable):
    """Another project, as it was loaded."""

    id: UUID
    key: str


async def move(
    session: DbSession, caller: Caller, task: str, from_id: UUID, target: Target, data: TaskMove, if_match: str | None
) -> Document:
    """To a project that the caller may write in, from the one that the task was found in."""
    await tree.enter_queues(session, from_id, target["id"])
    row = await tasks.load(session, caller, task, Permission.TASK_WRITE)
    if row["project_id"] != from_id:
        raise TransactionConflict("The task moved to another project at that moment; try again")
    top = Document.of(row)
    require_match(if_match, top)
    projects.require_not_archived(row)
    projects.require_not_archived(target)
    moving = [top, *await tree.living_below(session, row)]
    await _leave_trashed(session, caller, moving, row["project_key"])
    changes = await _arrivals(session, target, [document.fields() for document in moving], data.status)
    if data.before is not None or data.after is not None:
        changes[0]["rank"] = await order.rank_for(session, caller, target["id"], target["key"], row["id"], data)
    await publish(session, caller, *(events.task_left(document.fields()) for document in moving))
    pairs = list(zip(moving, changes, strict=True))
    moved = await tasks.change_all(session, caller, pairs)
    return moved[row["id"]]


async def _leave_trashed(session: DbSession, caller: Caller, moving: Sequence[Document], project_key: str) -> None:
    """A parent is never in another project: subtasks in the trash stay where they can be restored, on their own."""
    ids = [UUID(document.fields()["id"]) for document in moving]
    left = await tree.trashed_children(session, ids, project_key)
    changes: list[tuple[Document, Changes]] = [(document, {"parent_id": None}) for document in left]
    await tasks.change_all(session, caller, changes)


async def _arrivals(session: DbSession, target: Target, moving: Sequence[Fields], status: str | None) -> list[Changes]:
    """What each becomes there; the first is the one that was asked for, and the others hang below it."""
    entered = await _statuses(session, target["id"], moving, status)
    await wip.require_room_for_all(session, target["id"], (row["key"] for row in entered))
    people = [user_id for fields in moving for user_id in changing.assignees(fields)]
    members = await tasks.members_among(session, target["id"], list(dict.fromkeys(people)))
    marked = await marks.in_project(session, target["id"], moving)
    carried = await tasks.carried_values(session, moving, target["id"])
    last = await session.only_value(queries.NEXT_NUMBERS, project_id=target["id"], count=len(moving))
    arrivals: list[Changes] = []
    arriving = zip(moving, entered, marked, carried, strict=True)
    for number, (fields, there, marks_there, values) in enumerate(arriving, last - len(moving) + 1):
        changes = {
            **changing.entering(fields, there["key"], there["category"], utc_now()),
            **changing.arriving(fields, target["id"], number, members),
            **marks_there,
            "fields": to_json(values).decode(),
        }
        arrivals.append(changes if not arrivals else {**changes, "parent_id": fields["parent_id"]})
    return arrivals


async def _statuses(
    session: DbSession, project_id: UUID, moving: Sequence[Fields], status: str | None
) -> list[StatusRow]:
    """Where the other project has no status of a task's own name, the task starts there in the first one in work."""
    wanted = [status or moving[0]["status"], *(fields["status"] for fields in moving[1:])]
    rows = await session.fetch_rows(queries.STATUSES, project_id=project_id, statuses=list(dict.fromkeys(wanted)))
    known = {row["key"]: row for row in rows}
    if status is not None and status not in known:
        raise errors.unknown_status()
    if missing := set(wanted) - known.keys():
        first = await tasks.first_status(session, project_id, FIRST_IN_WORK)
        known |= dict.fromkeys(missing, first)
    return [known[key] for key in wanted]
