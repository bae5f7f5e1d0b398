"""The log after a place, for somebody who keeps a copy of what they may see."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pydantic_core import from_json

from taskapi.changes import markers
from taskapi.changes.markers import Marker
from taskapi.changes.sync import cursors, queries
from taskapi.changes.sync.cursors import Place
from taskapi.changes.sync.errors import CursorExpired
from taskapi.changes.sync.queries import RUNGS, WalkedRow
from taskapi.changes.sync.schemas import ChangesParams
from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission
from taskapi.core.access.reach import Reach
from taskapi.core.access.reading import readable_kinds
from taskapi.core.callers import Caller
from taskapi.core.change_log.tail import Tail
from taskapi.core.db.session import DbSession
from taskapi.core.lists.paging import Cursors
from taskapi.projects import service as projects

_OF_PROJECTS: Final = "project."


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose changes, and which."""

    caller: Caller
    reach: Reach
    project_id: UUID | None
    kinds: frozenset[str] | None
    """None: all that the caller may read."""

    def values(self) -> dict[str, object]:
        read = [self._read(roles[0]) for roles in RUNGS]
        values: dict[str, object] = {f"kinds_{number}": kinds for number, kinds in enumerate(read)}
        values["kinds_of_projects"] = [kind for kind in read[0] if kind.startswith(_OF_PROJECTS)]
        return {**values, **reach.values(self.caller), "of_project": self.project_id}

    def _read(self, role: str) -> list[str]:
        readable = readable_kinds(self.caller, role)
        return readable if self.kinds is None else [kind for kind in readable if kind in self.kinds]


@dataclass(frozen=True, slots=True)
class Told:
    """A change or a marker, rendered, and the place behind it."""

    body: str
    place: Place


@dataclass(frozen=True, slots=True)
class Walked:
    """What came after a place, and where to go on."""

    items: Sequence[Told]
    place: Place
    has_more: bool


async def wanted(session: DbSession, caller: Caller, project: str | None, kinds: Collection[str]) -> Wanted:
    """Administrators read of a project that they are not in only where they name it, and leave a fact."""
    chosen = frozenset(kinds) or None
    if project is None:
        return Wanted(caller, Reach.of(caller), None, chosen)
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    is_member = "project_id" not in row
    return Wanted(caller, Reach.of(caller) if is_member else Reach.ADMINISTRATOR, row["id"], chosen)


async def list_changes(
    session: DbSession, sealed: Cursors, tail: Tail, caller: Caller, params: ChangesParams
) -> Walked:
    of = await wanted(session, caller, params.project, params.kind)
    if params.since is None:
        return Walked([], await now(session, tail), has_more=False)
    return await walk(session, tail, of, cursors.read(sealed, params.since), params.limit)


async def now(session: DbSession, tail: Tail) -> Place:
    """Where somebody begins who wants nothing of before."""
    return Place(*await tail.settle(session))


async def walk(session: DbSession, tail: Tail, of: Wanted, after: Place, limit: int) -> Walked:
    statement = queries.walk(of.reach, in_project=of.project_id is not None)
    values = statement.taken_from({**of.values(), **after.values(), "foreign": tail.foreign, "rows": limit + 1})
    rows = await session.fetch_rows(statement, **values)
    edge = rows[0]
    # A cursor from ahead of the log is one of another database, such as of the one before a backup came back.
    if edge["expired"] or after.xid > int(edge["following"]):
        raise CursorExpired("Load everything anew, and go on from a request without since")
    if edge["xid"] is None:
        await tail.notice(session, edge["settled"], edge["following"])
        return _end(edge, after, [])
    items = _items(rows[:limit], after)
    if len(items) > limit:
        return Walked(items[:limit], items[limit - 1].place, has_more=True)
    if len(rows) > limit:
        return Walked(items, Place(*_position(rows[limit - 1])), has_more=True)
    return _end(edge, after, items)


def _end(edge: WalkedRow, after: Place, items: Sequence[Told]) -> Walked:
    """Behind all that was walked past, which may be no more than so many changes of others."""
    if edge["end_xid"] is not None:
        return Walked(items, Place(int(edge["end_xid"]), edge["end_seq"] or 0), has_more=True)
    # Another process may know of fewer transactions that need not be waited for, and so be behind.
    return Walked(items, max(after, Place(int(edge["settled"]), 0)), has_more=False)


def _items(rows: Sequence[WalkedRow], after: Place) -> list[Told]:
    came = {UUID(project): (int(xid), seq) for project, xid, seq in from_json(rows[0]["gained"])}
    return [item for row in rows for item in _told(row, after, came)]


def _position(row: WalkedRow) -> tuple[int, int]:
    return int(row["xid"] or 0), row["seq"] or 0


def _told(row: WalkedRow, after: Place, came: dict[UUID, tuple[int, int]]) -> list[Told]:
    """The change itself, and then what it means for the reader's access."""
    position, marker, project_id = _position(row), row["marker"], row["project_id"]
    is_new = marker == Marker.GAINED and row["kind"] == "member.added"
    # What was there before the reader came in is loaded, not told.
    is_old = project_id in came and position < came[project_id]
    items = []
    if row["shown"] and not is_new and not is_old and position > after.position:
        items.append(Told(row["body"], Place(*position, is_half=marker is not None)))
    if marker is not None:
        body = markers.body(marker, row["id"], row["at"], project_id, row["subject_key"])
        items.append(Told(body, Place(*position)))
    return items
