"""What was going on on a day, in SQL."""

from functools import lru_cache
from typing import Final, TypedDict
from uuid import UUID

from taskapi.analytics.summary.queries import COMPLETED, CREATED
from taskapi.analytics.worked.queries import IN_DAYS, SECONDS
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.db.statements import Statement, prepare_text

MOST: Final = 1000
# What members read of a task and of what hangs on it. Reminders are everybody's own.
_FAMILIES: Final = frozenset(
    {"task", "link", "checklist_item", "time_entry", "comment", "reaction", "watcher", "attachment"}
)
KINDS: Final = [kind.value for kind in ChangeKind if kind.family in _FAMILIES]


class ActiveRow(TypedDict):
    id: UUID
    key: str
    project_id: UUID
    title: str
    status: str
    status_category: str
    assignee_ids: list[UUID]
    created: bool
    completed: bool
    worked_seconds: int
    changes: int
    total: int


_TOLD: Final = """
    SELECT events.project_id, CASE WHEN events.subject_type = 'task' THEN events.subject_id END AS task_id,
        split_part(events.subject_key, '-', 1) AS key,
        substring(events.subject_key FROM '-([0-9]{1,9})$')::integer AS number
"""
_THEN: Final = """
    events.at >= $begins::timestamptz AND events.at < $ends::timestamptz AND events.kind = ANY ($kinds::text[])
"""
# A change gets its id at the moment that it tells as its time. So the primary key leads to the changes of a day, among
# those of all projects, and no index by project and time has to be written by everybody. What an import tells of the
# past has ids of its own moment, and an index that imports alone write to.
_CHANGED: Final = """
    told AS MATERIALIZED (
        {told} FROM events WHERE events.id >= $earliest::uuid AND events.id < $latest::uuid AND {then}
        UNION ALL
        {told} FROM {past} AND events.actor_kind = 'import' AND {then}
            AND (events.id < $earliest::uuid OR events.id >= $latest::uuid)
    ),
    changed AS MATERIALIZED (
        SELECT found.task_id, count(*) AS changes
        FROM (
            SELECT told.task_id, told.project_id FROM told WHERE told.task_id IS NOT NULL
            UNION ALL
            SELECT hung.id, told.project_id
            FROM told
            JOIN projects AS home ON home.id = told.project_id AND home.key = told.key
            JOIN tasks AS hung ON hung.project_id = told.project_id AND hung.number = told.number
            WHERE told.task_id IS NULL
        ) AS found
        JOIN tasks AS here ON here.id = found.task_id AND here.project_id = found.project_id
        GROUP BY 1
    )
"""


@lru_cache(32)
def active(scope_sql: str, past_sql: str, condition: str, *, of_one: bool) -> Statement[ActiveRow]:
    """`condition` is the filter of lists for the day, with parameters `$d…`; `past_sql` reads facts of the projects."""
    changed = _CHANGED.format(told=_TOLD, then=_THEN, past=past_sql)
    sql = f"""
        WITH {changed},
        worked AS MATERIALIZED (
            SELECT time_entries.task_id, sum({SECONDS})::bigint AS seconds
            FROM time_entries
            WHERE {IN_DAYS} {"AND time_entries.user_id = $me::uuid" if of_one else ""}
            GROUP BY 1
        ),
        active AS MATERIALIZED (
            SELECT tasks.id, tasks.project_id, tasks.number, tasks.title, tasks.status, tasks.status_category,
                tasks.assignee_ids, {CREATED} AS created, ({COMPLETED}) IS TRUE AS completed
            FROM {scope_sql}
                AND (({condition}) OR EXISTS (SELECT FROM changed WHERE changed.task_id = tasks.id))
        )
        SELECT active.id, home.key || '-' || active.number AS key, active.project_id, active.title, active.status,
            active.status_category, active.assignee_ids, active.created, active.completed,
            coalesce(worked.seconds, 0) AS worked_seconds, coalesce(changed.changes, 0) AS changes,
            count(*) OVER () AS total
        FROM active
        JOIN projects AS home ON home.id = active.project_id
        LEFT JOIN worked ON worked.task_id = active.id
        LEFT JOIN changed ON changed.task_id = active.id
        ORDER BY changes DESC, worked_seconds DESC, home.key, active.number
        LIMIT {MOST}
    """  # noqa: S608 - of texts of ours
    return prepare_text(sql, row=ActiveRow)
