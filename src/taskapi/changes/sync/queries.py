"""The log after a place, as one person may see it now: a bounded part of it, whosever changes are there."""

from functools import lru_cache
from typing import Final, TypedDict
from uuid import UUID

from taskapi.changes.markers import Marker
from taskapi.core.access.past import change_fields
from taskapi.core.access.permissions import GRANTS
from taskapi.core.access.reach import Reach, membership
from taskapi.core.access.reading import READING
from taskapi.core.change_log.floor import EXPIRED
from taskapi.core.change_log.tail import AFTER, SETTLED
from taskapi.core.db.statements import Statement, as_json, as_text, prepare_text, rfc3339
from taskapi.models import Event, ProjectRole

# So many changes of others are gone past in one request, which takes some milliseconds; then the client asks again.
WALKED: Final = 5_000


class WalkedRow(TypedDict):
    """How far the walk came, the same in each row, and a change that it found; without one where it found none."""

    settled: str
    following: str
    expired: bool
    gained: str
    end_xid: str | None
    end_seq: int | None
    xid: str | None
    seq: int | None
    id: UUID
    at: str
    kind: str
    project_id: UUID
    subject_key: str | None
    body: str
    shown: bool
    marker: str | None


def _rungs() -> dict[frozenset[str], list[ProjectRole]]:
    """Roles that read the same kinds, by these."""
    found: dict[frozenset[str], list[ProjectRole]] = {}
    for role, granted in GRANTS.items():
        kinds = frozenset(kind.value for kind, needs in READING.items() if needs.permission in granted)
        found.setdefault(kinds, []).append(role)
    return found


RUNGS: Final = tuple(roles for _, roles in sorted(_rungs().items(), key=lambda rung: len(rung[0])))
"""From those who read least: each with its own parameter of kinds, `kinds_0…`."""
_JOINED_OR_LEFT: Final = "('member.added', 'member.removed', 'member.left')"
_SHOWN_TO_OWNERS: Final = f"events.kind = ANY ($kinds_{len(RUNGS) - 1}::text[])"


# As EXISTS the planner would take it for cheaper to read the whole log once, and look into what it found.
MADE_HERE: Final = """(
    SELECT true FROM events AS made
    WHERE made.subject_id = events.project_id AND made.batch_id = events.batch_id AND made.kind = 'project.created'
    LIMIT 1
)"""
"""SQL for whether the project was made in the transaction of this event; else null."""


def _in(projects: str) -> str:
    return f"events.project_id IN ({projects})"


def _projects(reach: Reach, more: str = "") -> str:
    """Those that the caller is in and that are not in the trash; uncorrelated, so that it is asked once and hashed."""
    return f"""
        SELECT members.project_id FROM members JOIN projects ON projects.id = members.project_id
        WHERE {as_text(membership(reach))} AND projects.deleted_at IS NULL {more}
    """  # noqa: S608 - of parts of ours


def _shown(reach: Reach) -> str:
    """Of a project in the trash its members see that it is there, and so what became of it, and nothing inside."""
    if reach is Reach.ADMINISTRATOR:
        return _SHOWN_TO_OWNERS
    mine = f"SELECT members.project_id FROM members WHERE {as_text(membership(reach))}"  # noqa: S608
    conditions = [f"events.kind = ANY ($kinds_of_projects::text[]) AND {_in(mine)}"]
    for number, roles in enumerate(RUNGS):
        names = ", ".join(f"'{role}'" for role in roles)
        projects = _projects(reach, f"AND members.role IN ({names})")
        conditions.append(f"events.kind = ANY ($kinds_{number}::text[]) AND {_in(projects)}")
    return " OR ".join(f"({condition})" for condition in conditions)


def _marker(reach: Reach) -> str:
    """What becomes of the reader's access with this change. Who makes a project is told all of it, and needs none."""
    if reach is Reach.ADMINISTRATOR:
        return "NULL::text"
    is_theirs = "events.subject_id = $caller_id::uuid"
    in_reach = "true" if reach is Reach.MEMBER else "events.project_id = ANY ($project_ids::uuid[])"
    mine = f"SELECT members.project_id FROM members WHERE {as_text(membership(reach))}"  # noqa: S608
    return f"""
        CASE
            WHEN NOT {in_reach} THEN NULL
            WHEN events.kind IN ('member.removed', 'member.left') AND {is_theirs} THEN '{Marker.LOST}'
            WHEN events.kind = 'member.added' AND {is_theirs} AND {_in(_projects(reach))} AND {MADE_HERE} IS NULL
                THEN '{Marker.GAINED}'
            WHEN events.kind = 'project.restored' AND {_in(_projects(reach))} THEN '{Marker.GAINED}'
            WHEN events.kind = 'project.deleted' AND ({_in(mine)} OR 'member.added' = (
                SELECT latest.kind FROM events AS latest
                WHERE latest.subject_id = $caller_id::uuid AND latest.project_id = events.project_id
                    AND latest.kind IN {_JOINED_OR_LEFT} AND (latest.xid, latest.seq) < (events.xid, events.seq)
                ORDER BY latest.xid DESC, latest.seq DESC LIMIT 1
            )) THEN '{Marker.LOST}'
        END
    """  # noqa: S608 - of parts of ours


def _gained(reach: Reach) -> str:
    """Where the reader came into projects later than the place: what is before that, they are not told."""
    if reach is Reach.ADMINISTRATOR:
        return "'[]'"
    return f"""
        SELECT coalesce(jsonb_agg(jsonb_build_array(events.project_id, events.xid::text, events.seq)), '[]')::text
        FROM events
        WHERE events.subject_id = $caller_id::uuid AND events.kind = 'member.added' AND {AFTER}
            AND {_in(_projects(reach))} AND {MADE_HERE} IS NULL
    """  # noqa: S608 - of parts of ours


@lru_cache(8)
def walk(reach: Reach, *, in_project: bool) -> Statement[WalkedRow]:
    """`LIMIT` inside `LIMIT`: the walk goes along an index in its order, and ends with the page or with its bound."""
    place = "AND events.project_id = $of_project::uuid" if in_project else ""
    after = f"{AFTER} AND events.xid < {SETTLED} {place}"
    body = as_text(as_json(change_fields(reach)))
    return prepare_text(
        f"""
        WITH found AS MATERIALIZED (
            SELECT events.xid, events.seq, events.id, {as_text(rfc3339(Event.at))} AS at, events.kind,
                events.project_id, events.subject_key, {body} AS body, judged.shown, judged.marker
            FROM (
                SELECT * FROM events WHERE {after} ORDER BY events.xid, events.seq LIMIT {WALKED}
            ) AS events
            CROSS JOIN LATERAL (SELECT ({_shown(reach)}) AS shown, ({_marker(reach)}) AS marker) AS judged
            WHERE judged.shown OR judged.marker IS NOT NULL
            ORDER BY events.xid, events.seq
            LIMIT $rows::integer
        )
        SELECT edge.*, last.xid::text AS end_xid, last.seq AS end_seq,
            found.xid::text AS xid, found.seq, found.id, found.at, found.kind, found.project_id, found.subject_key,
            found.body, found.shown, found.marker
        FROM (
            SELECT {SETTLED}::text AS settled, pg_snapshot_xmax(pg_current_snapshot())::text AS following,
                {EXPIRED} AS expired, ({_gained(reach)}) AS gained
        ) AS edge
        LEFT JOIN LATERAL (
            SELECT events.xid, events.seq FROM events
            WHERE {after} AND (SELECT count(*) FROM found) < $rows::integer
            ORDER BY events.xid, events.seq OFFSET {WALKED - 1} LIMIT 1
        ) AS last ON true
        LEFT JOIN found ON true
        ORDER BY found.xid, found.seq
        """,  # noqa: S608 - of parts of ours
        row=WalkedRow,
    )
