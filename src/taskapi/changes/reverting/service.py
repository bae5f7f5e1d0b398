"""One change, or all that happened in one step, is taken back by new changes, with the rights that these need."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import pydantic
from pydantic_core import from_json

from taskapi.changes.reverting import queries
from taskapi.changes.reverting.change import Change
from taskapi.changes.reverting.errors import ChangedSince, NotRevertible, UnlikeThen
from taskapi.changes.reverting.projects import service as projects
from taskapi.changes.reverting.queries import ToldRow
from taskapi.changes.reverting.resources import service as resources
from taskapi.changes.reverting.resources.service import VERBS
from taskapi.changes.reverting.tasks import service as tasks
from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission, Scope, grants, require_scope
from taskapi.core.access.reading import READING
from taskapi.core.callers import Caller
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Invalid, NotFound
from taskapi.core.fields import rfc3339
from taskapi.core.resources.document import Document
from taskapi.tasks import service as all_tasks
from taskapi.tasks.tree import service as tree

Undo = Callable[[DbSession, Caller, Change], Awaitable[None]]
# What an administrator's look is told to be for; each service asks for the permission that it needs itself.
_NEEDS: Final = Permission.TASK_WRITE
_MOST: Final = 1_000

_OF_TASKS_AND_PROJECTS: Final[dict[ChangeKind, Undo]] = {
    ChangeKind.TASK_CREATED: tasks.throw_away,
    ChangeKind.TASK_UPDATED: tasks.change_back,
    ChangeKind.TASK_MOVED: tasks.change_back,
    ChangeKind.TASK_COMPLETED: tasks.change_back,
    ChangeKind.TASK_REOPENED: tasks.change_back,
    ChangeKind.TASK_DELETED: tasks.bring_back,
    ChangeKind.TASK_RESTORED: tasks.throw_away,
    ChangeKind.PROJECT_CREATED: projects.throw_away,
    ChangeKind.PROJECT_UPDATED: projects.change_back,
    ChangeKind.PROJECT_ARCHIVED: projects.change_back,
    ChangeKind.PROJECT_UNARCHIVED: projects.change_back,
    ChangeKind.PROJECT_DELETED: projects.bring_back,
    ChangeKind.PROJECT_RESTORED: projects.throw_away,
}
_OF_RESOURCES: Final[dict[str, Undo]] = {
    "created": resources.remove,
    "updated": resources.change_back,
    "deleted": resources.make_again,
}
# How each kind is taken back; each other kind is in NOT_REVERTIBLE, with the reason.
UNDO: Final[dict[ChangeKind, Undo]] = {
    **_OF_TASKS_AND_PROJECTS,
    **{
        kind: undo
        for kind in ChangeKind
        for happened, undo in _OF_RESOURCES.items()
        if kind.family in VERBS and kind == f"{kind.family}.{happened}"
    },
}
_PERSONAL: Final = "it is what one person chose, who can choose again"
_ACCESS: Final = "it is about who may do what: change that where it is changed"
_OF_FAMILY: Final = {
    **dict.fromkeys(("reaction", "watcher", "reminder"), _PERSONAL),
    **dict.fromkeys(("member", "invitation", "share_link", "user", "session", "api_token", "identity"), _ACCESS),
    **dict.fromkeys(("rule", "task_template", "webhook"), "it is a part of how the project is set up: change it there"),
    "attachment": "the change log has no files: delete it, or attach it again",
    "admin": "somebody looked, and nothing changed",
    "job": "what a job did is told by changes of its own",
    "import": "what it brought is told by changes of its own",
    "export": "what was taken out cannot be called back",
    "feed": _PERSONAL,
    "backup": "a restore is no change of one thing: restore another backup",
}
NOT_REVERTIBLE: Final[dict[ChangeKind, str]] = {
    ChangeKind.TASK_LEFT: "it is told of the move to another project: move the task back",
    ChangeKind.TASK_PURGED: "the task is gone for good",
    ChangeKind.PROJECT_PURGED: "the project is gone for good",
    ChangeKind.PROJECT_TRANSFERRED: _ACCESS,
    **{kind: _OF_FAMILY[kind.family] for kind in ChangeKind if kind.family in _OF_FAMILY},
}
# In a batch they come along with something else, and stay as they are when that is taken back.
_FOLLOWING: Final = frozenset({"reaction", "watcher", "reminder", "attachment"})
_THROWING_AWAY: Final = frozenset({ChangeKind.TASK_CREATED, ChangeKind.TASK_RESTORED})


async def revert_change(session: DbSession, caller: Caller, change_id: UUID) -> str:
    """The changes that took it back, as JSON."""
    rows = await reach.find_all(session, caller, queries.told, _NEEDS, [change_id])
    if not rows or not _is_readable(rows[0]):
        raise NotFound("There is no such change, or you are not in its project")
    change = _change(rows[0])
    _require_scopes(caller, change)
    await _undo(session, caller, change)
    return await _made(session)


async def revert_batch(session: DbSession, caller: Caller, batch_id: UUID) -> str:
    """All of it, or nothing: the last first."""
    found = await session.fetch_rows(queries.BATCH, batch_id=batch_id, most=_MOST + 1, **queries.around(batch_id))
    ids = [row["id"] for row in found if _family(row["kind"]) not in _FOLLOWING]
    rows = await reach.find_all(session, caller, queries.told, _NEEDS, ids) if ids else []
    readable = [row for row in rows if _is_readable(row)]
    if not readable:
        raise NotFound("There is no such batch, or you are not in its project")
    if len(found) > _MOST:
        raise NotRevertible(f"A batch of more than {_MOST} changes is not taken back in one step")
    if len(readable) < len(ids):
        raise NotRevertible("Something of it happened where you do not see it")
    changes = _once(sorted((_change(row) for row in readable), key=lambda change: change.seq))
    for change in changes:
        _require_scopes(caller, change)
    above = await _hold(session, caller, changes)
    for change in _in_turn(changes, above):
        await _undo(session, caller, replace(change, together=changes))
    return await _made(session)


async def _hold(session: DbSession, caller: Caller, changes: Iterable[Change]) -> dict[UUID, UUID]:
    """The queues and the tasks in the order in which everybody takes them, before one after the other is written.

    The answer says which of the tasks hangs below which.
    """
    of_tasks = [change for change in changes if change.subject_type == "task"]
    if not of_tasks:
        return {}
    await tree.enter_queues(session, *{change.project_id for change in of_tasks})
    ids = {change.subject_id for change in of_tasks}
    rows = await all_tasks.load_all(session, caller, ids, _NEEDS)
    above = {row["id"]: Document.of(row).fields()["parent_id"] for row in rows}
    return {task_id: UUID(parent_id) for task_id, parent_id in above.items() if parent_id is not None}


def _once(changes: Iterable[Change]) -> list[Change]:
    """A link between two projects is told in each of them."""
    links: set[tuple[UUID, ChangeKind]] = set()
    found = []
    for change in changes:
        if change.subject_type == "link":
            if (change.subject_id, change.kind) in links:
                continue
            links.add((change.subject_id, change.kind))
        found.append(change)
    return found


def _in_turn(changes: Sequence[Change], above: Mapping[UUID, UUID]) -> list[Change]:
    """Backwards. What goes to the trash goes last, and from the top: each task takes along what hangs below it."""
    moved = {change.subject_type: change for change in reversed(changes) if _only_shifts(change)}
    others = {change.subject_type for change in changes if not _only_shifts(change)}
    # What stands in an order makes room by itself; where nothing else happened, the first is the one that was moved.
    acts = [
        change
        for change in changes
        if not _only_shifts(change) or (change.subject_type not in others and moved[change.subject_type] is change)
    ]
    back = [change for change in reversed(acts) if change.kind not in _THROWING_AWAY]
    away = [change for change in acts if change.kind in _THROWING_AWAY]
    return [*back, *sorted(away, key=lambda change: _depth(change.subject_id, above))]


def _depth(task_id: UUID, above: Mapping[UUID, UUID]) -> int:
    depth = 0
    while task_id in above:
        task_id, depth = above[task_id], depth + 1
    return depth


def _only_shifts(change: Change) -> bool:
    return change.changes.keys() == {"position"}


async def _undo(session: DbSession, caller: Caller, change: Change) -> None:
    if change.kind not in UNDO:
        raise NotRevertible(f"{change.kind.description}: {NOT_REVERTIBLE[change.kind]}")
    try:
        await UNDO[change.kind](session, caller, change)
    except UnlikeThen as unlike:
        raise ChangedSince(await _later(session, change, unlike.names)) from None
    except Invalid as refusal:
        # What it names is gone, or the rules have changed: no input of the client's is at fault.
        raise NotRevertible("; ".join(fault["detail"] for fault in refusal.members["errors"])) from None
    except pydantic.ValidationError as error:
        raise NotRevertible(f"What it was is not taken any more: {error.errors()[0]['msg']}") from None


async def _later(session: DbSession, change: Change, names: Sequence[str]) -> list[dict[str, Any]]:
    rows = await session.fetch_rows(
        queries.LATER,
        of_subject=change.subject_id,
        subject_type=change.subject_type,
        of_project=change.project_id,
        seq=change.seq,
        names=list(names),
    )
    return [{**row, "at": rfc3339(row["at"])} for row in rows]


async def _made(session: DbSession) -> str:
    if session.batch_id is None:
        return '{"batch_id":null,"items":[]}'
    items = await session.fetch_values(queries.MADE, batch_id=session.batch_id)
    return f'{{"batch_id":"{session.batch_id}","items":[{",".join(items)}]}}'


def _change(row: ToldRow) -> Change:
    values = {name: row[name] for name in Change.__dataclass_fields__ if name in row}  # type: ignore[literal-required]
    return Change(**{**values, "kind": ChangeKind(row["kind"]), "changes": from_json(row["changes"])})


def _is_readable(row: ToldRow) -> bool:
    return grants(row["role"], READING[ChangeKind(row["kind"])].permission)


def _require_scopes(caller: Caller, change: Change) -> None:
    """To read what happened, and to write what it happened to; the route has asked for the scope of tasks."""
    require_scope(caller, READING[change.kind].scope)
    of_tasks = change.subject_type == "task"
    verbs = VERBS.get(change.subject_type)
    require_scope(caller, Scope.TASKS_WRITE if of_tasks else verbs.scope if verbs else Scope.PROJECTS_WRITE)


def _family(kind: str) -> str:
    return kind.partition(".")[0]
