"""What every report begins with: the project as its reader sees it, and how far its log has come."""

from functools import lru_cache
from typing import Final, NotRequired, TypedDict
from uuid import UUID

from taskapi.core.access.reach import Reach, membership, role
from taskapi.core.db.statements import Statement, as_text, prepare_text


class OpenedRow(TypedDict):
    id: UUID
    key: str
    name: str
    estimate_unit: str
    role: str
    position: str
    people: str | None
    """As JSON, what members are called by their ids; None where nobody asks."""
    project_id: NotRequired[UUID]
    project_key: NotRequired[str]


class PositionRow(TypedDict):
    position: str | None
    """None: the caller is in no project."""


# A position stands for all that has been committed: the newest change that is seen, and the transactions before it
# that were still open, for their changes come later and have no newer place in the log; those that are known to run in
# another database of the server have none here (each locks its own number, see `Tail`). A standby does not know which
# are open; there it is how far the standby has come. What is due at an instant is late from then on, without a change.
_POSITION: Final = """concat_ws(
    '/',
    (
        SELECT concat_ws(
            ' ', newest.xid, newest.seq,
            CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::text ELSE (
                SELECT string_agg(open.xid::text, ',' ORDER BY open.xid)
                FROM pg_snapshot_xip(pg_current_snapshot()) AS open(xid)
                WHERE open.xid < newest.xid AND NOT EXISTS (
                    SELECT FROM pg_locks JOIN pg_stat_activity AS activity ON activity.pid = pg_locks.pid
                    WHERE pg_locks.locktype = 'transactionid' AND pg_locks.granted
                        AND pg_locks.mode = 'ExclusiveLock' AND pg_locks.transactionid = open.xid::xid
                        AND activity.datid <> (SELECT oid FROM pg_database WHERE datname = current_database())
                    OFFSET 0
                )
            ) END
        )
        FROM (
            SELECT events.xid, events.seq FROM events WHERE events.project_id = projects.id
            ORDER BY events.xid DESC, events.seq DESC LIMIT 1
        ) AS newest
    ),
    (
        SELECT max(tasks.due_first) FROM tasks
        WHERE tasks.project_id = projects.id AND tasks.deleted_at IS NULL AND tasks.due_first <= $now::timestamptz
    )
)"""
_PEOPLE: Final = """(
    SELECT json_object_agg(users.id, coalesce(users.full_name, users.username) ORDER BY users.id)::text
    FROM members AS member JOIN users ON users.id = member.user_id WHERE member.project_id = projects.id
)"""


@lru_cache(16)
def opened(reach: Reach, by: str, *, people: bool) -> Statement[OpenedRow]:
    """One project, for who reads its reports."""
    is_administrator = reach is Reach.ADMINISTRATOR
    sql = f"""
        SELECT projects.id, projects.key, projects.name, projects.estimate_unit, {as_text(role(reach))} AS role,
            {_POSITION} AS position, {_PEOPLE if people else "NULL::text"} AS people
            {", projects.id AS project_id, projects.key AS project_key" if is_administrator else ""}
        FROM projects {"" if is_administrator else "JOIN members ON members.project_id = projects.id"}
        WHERE projects.deleted_at IS NULL AND {"projects.id = $id::uuid" if by == "id" else "projects.key = $key::text"}
            {"" if is_administrator else f"AND {as_text(membership(reach))}"}
    """  # noqa: S608 - of texts of ours
    return prepare_text(sql, row=OpenedRow)


@lru_cache(4)
def position_of_all(reach: Reach) -> Statement[PositionRow]:
    """How far the log of each of the caller's projects has come."""
    sql = f"""
        SELECT md5(string_agg(concat_ws(' ', projects.id, {_POSITION}), ',' ORDER BY projects.id)) AS position
        FROM members JOIN projects ON projects.id = members.project_id
        WHERE {as_text(membership(reach))} AND projects.deleted_at IS NULL AND projects.archived_at IS NULL
    """  # noqa: S608 - of texts of ours
    return prepare_text(sql, row=PositionRow)
