"""The log as one reader reads it for many, and whose changes each of them may be told."""

from functools import lru_cache
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import select

from taskapi.changes.sync.queries import MADE_HERE
from taskapi.core.access.reach import Reach, membership
from taskapi.core.change_log.rendering import CHANGE_FIELDS
from taskapi.core.change_log.tail import AFTER, SETTLED
from taskapi.core.db.statements import Statement, as_json, as_text, prepare, prepare_text, rfc3339
from taskapi.models import Event, Member, Project

AT_ONCE: Final = 500
OF_MEMBERS: Final = frozenset({"member.added", "member.removed", "member.left", "member.role_changed"})
OF_ACCESS: Final = OF_MEMBERS | {"project.deleted", "project.restored", "project.purged"}
"""After these, somebody may have to be told of other projects than before."""
_OF_ACCESS: Final = ", ".join(f"'{kind}'" for kind in sorted(OF_ACCESS))


class NewsRow(TypedDict):
    """Where the settled part ends, the same in each row, and the next change; without one where there is none."""

    settled: str
    following: str
    xid: str | None
    seq: int
    id: UUID
    at: str
    kind: str
    project_id: UUID | None
    subject_type: str
    subject_id: UUID
    subject_key: str | None
    body: str
    role: str | None
    came_from: str | None
    made_here: bool


class RoleRow(TypedDict):
    project_id: UUID
    role: str
    is_trashed: bool


# Only what somebody here may have to be told: changes of the projects that are `heard`, of who is in which project, and
# of accounts; all of it where `heard` is null. `role` is what a member has from now on; `came_from` the project that a
# task was in; `made_here` says of somebody who comes into a project that they made it in this transaction.
NEWS: Final = prepare_text(
    f"""
    SELECT edge.*, news.*
    FROM (
        SELECT {SETTLED}::text AS settled, pg_snapshot_xmax(pg_current_snapshot())::text AS following
    ) AS edge
    LEFT JOIN (
        SELECT events.xid::text AS xid, events.seq, events.id, {as_text(rfc3339(Event.at))} AS at, events.kind,
            events.project_id, events.subject_type, events.subject_id, events.subject_key,
            {as_text(as_json(CHANGE_FIELDS))} AS body,
            CASE WHEN events.subject_type = 'member' THEN events.changes #>> '{{role,1}}' END AS role,
            CASE WHEN events.subject_type = 'task' THEN events.changes #>> '{{project_id,0}}' END AS came_from,
            events.kind = 'member.added' AND {MADE_HERE} IS NOT NULL AS made_here
        FROM events
        WHERE {AFTER} AND events.xid < {SETTLED}
            AND (
                $heard::uuid[] IS NULL OR events.project_id IS NULL OR events.project_id = ANY ($heard::uuid[])
                OR events.kind IN ({_OF_ACCESS})
            )
        ORDER BY events.xid, events.seq
        LIMIT {AT_ONCE}
    ) AS news ON true
    ORDER BY news.xid::xid8, news.seq
    """,  # noqa: S608 - of parts of ours
    row=NewsRow,
)


@lru_cache(2)
def roles(reach: Reach) -> Statement[RoleRow]:
    """In which projects the caller is, and as what."""
    return prepare(
        select(Member.project_id, Member.role, Project.deleted_at.is_not(None).label("is_trashed"))
        .join(Project, Project.id == Member.project_id)
        .where(membership(reach)),
        row=RoleRow,
    )
