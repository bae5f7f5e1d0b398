"""Changes in SQL, for those who take them back."""

from datetime import datetime
from functools import lru_cache
from typing import Final, NotRequired, TypedDict
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, cast, select

from taskapi.core.access.reach import Reach, join_members, project_columns, role
from taskapi.core.change_log.rendering import CHANGE_FIELDS
from taskapi.core.db.statements import Expression, One, Statement, as_json, as_text, prepare, prepare_text
from taskapi.models import Event, Project

# A batch gets its id just before its first fact, and its last one as much later as a request may take. The second
# before is for clocks that step back.
_EARLIER_MS: Final = 1_000
_LATER_MS: Final = 120_000


class ToldRow(TypedDict):
    """A change, and the role of the caller where it happened; `changes` is JSON."""

    id: UUID
    kind: str
    seq: int
    project_id: UUID
    subject_type: str
    subject_id: UUID
    batch_id: UUID | None
    changes: str
    role: str
    project_key: NotRequired[str]


class BatchRow(TypedDict):
    id: UUID
    kind: str


class LaterRow(TypedDict):
    id: UUID
    kind: str
    at: datetime
    actor_id: UUID | None
    fields: list[str]


@lru_cache(4)
def told(reach: Reach) -> Statement[ToldRow]:
    """Changes by their ids, of the projects that the caller reaches; of those in the trash, too: they can come back."""
    where: list[Expression] = [*project_columns(reach)] or [Project.id.label("project_id")]
    columns: list[Expression] = [
        *(Event.id, Event.kind, Event.seq),
        *(Event.subject_type, Event.subject_id, Event.batch_id, cast(Event.changes, Text).label("changes")),
        *(role(reach).label("role"), *where),
    ]
    statement = select(*columns).join(Project, Project.id == Event.project_id)
    named = Event.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    return prepare(join_members(statement, reach).where(named).order_by(Event.seq), row=ToldRow)


# Ids of facts begin with their time, and that of their batch is made with the first of them: so they are found by the
# primary key, near it, and the log needs no index by batch.
BATCH: Final = prepare_text(
    """
    SELECT id, kind FROM events
    WHERE id >= $earliest::uuid AND id < $latest::uuid AND batch_id = $batch_id::uuid
    ORDER BY seq LIMIT $most::integer
    """,
    row=BatchRow,
)
LATER: Final = prepare_text(
    """
    SELECT id, kind, at, actor_id, touched.fields
    FROM events CROSS JOIN LATERAL (
        SELECT array_agg(name ORDER BY name) AS fields
        FROM jsonb_object_keys(events.changes) AS name WHERE name = ANY($names::text[])
    ) AS touched
    WHERE subject_id = $of_subject::uuid AND subject_type = $subject_type::text AND seq > $seq::bigint
        AND project_id = $of_project::uuid AND touched.fields IS NOT NULL
    ORDER BY seq LIMIT 50
    """,
    row=LaterRow,
)
# Of what hangs on a task only its making, its end and a move to another task say on which.
HOLDER: Final = prepare_text(
    """
    SELECT (changes #>> ARRAY[$name::text, '1'])::uuid FROM events
    WHERE subject_id = $of_subject::uuid AND changes #>> ARRAY[$name::text, '1'] IS NOT NULL
    ORDER BY seq DESC LIMIT 1
    """,
    row=One[UUID],
)
# The task that came when one that comes again was done, if it is there still.
SUCCESSOR: Final = prepare_text(
    """
    SELECT tasks.id FROM events JOIN tasks ON tasks.id = events.subject_id
    WHERE events.id >= $earliest::uuid AND events.id < $latest::uuid AND events.batch_id = $batch_id::uuid
        AND events.kind = 'task.created' AND tasks.deleted_at IS NULL LIMIT 1
    """,
    row=One[UUID],
)
# All that this transaction has told.
MADE: Final = prepare_text(
    f"SELECT {as_text(as_json(CHANGE_FIELDS))} FROM events"  # noqa: S608 - columns of ours
    " WHERE xid >= pg_current_xact_id() AND batch_id = $batch_id::uuid ORDER BY seq",
    row=One[str],
)


def around(batch_id: UUID) -> dict[str, UUID]:
    """Between which ids the facts of a batch are: their first 48 bits are milliseconds (RFC 9562 §5.7)."""
    made_at, most = batch_id.int >> 80, (1 << 48) - 1
    earliest, latest = max(0, made_at - _EARLIER_MS), min(made_at + _LATER_MS, most)
    return {"earliest": UUID(int=earliest << 80), "latest": UUID(int=latest << 80)}
