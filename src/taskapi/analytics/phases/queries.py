"""Phases in SQL: added as the log is read, and completed by what it has yet to read."""

from datetime import datetime
from typing import Final, TypedDict
from uuid import UUID

from taskapi.analytics.phases.folding import FACTS, FOLDED, TELLS
from taskapi.core.db.statements import One, prepare_text
from taskapi.core.lists.sources import Origin

NAME: Final = "task_phases"
"""Of the log's reader."""
MOST_UNREAD: Final = 50_000
"""So many facts a report reads by itself. They take it about a second; a worker reads them in ten."""

ADD: Final = prepare_text(
    f"""
    WITH facts AS MATERIALIZED ({FACTS} AND events.id = ANY ($ids::uuid[])), {FOLDED},
    ended AS (
        UPDATE task_phases SET ends_at = folded.ends_at
        FROM folded
        WHERE folded.is_base AND folded.ends_at <> task_phases.ends_at
            AND task_phases.task_id = folded.task_id AND task_phases.seq = folded.seq
    )
    INSERT INTO task_phases (task_id, seq, project_id, begins_at, ends_at, category, estimate, is_live)
    SELECT task_id, seq, project_id, begins_at, ends_at, category, estimate, is_live
    FROM folded
    WHERE NOT is_base AND category IS NOT NULL AND project_id IS NOT NULL
    """,  # noqa: S608 - of texts of ours
    row=One[None],
)

# Projects are found one after the other along the index, so that this costs a step for each of them and none for a
# phase.
FORGET: Final = prepare_text(
    """
    WITH RECURSIVE known AS (
        (SELECT project_id FROM task_phases ORDER BY project_id LIMIT 1)
        UNION ALL
        SELECT (
            SELECT task_phases.project_id FROM task_phases
            WHERE task_phases.project_id > known.project_id ORDER BY task_phases.project_id LIMIT 1
        )
        FROM known WHERE known.project_id IS NOT NULL
    ),
    gone AS (
        SELECT project_id FROM known
        WHERE project_id IS NOT NULL AND NOT EXISTS (SELECT FROM projects WHERE projects.id = known.project_id)
        LIMIT 1
    )
    DELETE FROM task_phases
    WHERE (task_id, seq) IN (
        SELECT phases.task_id, phases.seq FROM gone JOIN task_phases AS phases USING (project_id) LIMIT 5000
    )
    RETURNING true
    """,
    row=One[bool],
)
"""Some phases of a project that is gone."""

HOLD_READER: Final = prepare_text(f"SELECT FROM consumers WHERE name = '{NAME}' FOR UPDATE", row=One[None])
IS_SHORTENED: Final = prepare_text("SELECT EXISTS (SELECT FROM log_floor)", row=One[bool])
# In steps that a statement has time for, each behind the last, so that none passes over what is deleted already.
FORGET_SOME: Final = prepare_text(
    """
    WITH step AS (
        SELECT task_id, seq FROM task_phases WHERE task_id >= $after::uuid ORDER BY task_id, seq LIMIT 20000
    ),
    gone AS (
        DELETE FROM task_phases USING step WHERE task_phases.task_id = step.task_id AND task_phases.seq = step.seq
    )
    SELECT max(task_id::text COLLATE "C")::uuid FROM step
    """,
    row=One[UUID | None],
)
READ_ANEW: Final = prepare_text(f"UPDATE consumers SET xid = '0', seq = 0 WHERE name = '{NAME}'", row=One[None])  # noqa: S608 - a name of ours


class StandingRow(TypedDict):
    is_far_behind: bool
    complete_since: datetime | None


_POSITION: Final = f"""(
    coalesce((SELECT xid FROM consumers WHERE name = '{NAME}'), '0'),
    coalesce((SELECT seq FROM consumers WHERE name = '{NAME}'), 0)
)"""  # noqa: S608 - of texts of ours


def _unread(origin: Origin) -> str:
    """The tasks of these projects about which there are facts that the reader has not read, a row for each fact.

    The order is that of the index by project, and with the LIMIT the planner walks it: it knows nothing of how few
    there are.
    """
    return f"""
        SELECT unread.subject_id FROM {origin.start}
        CROSS JOIN LATERAL (
            SELECT events.subject_id FROM events
            WHERE events.project_id = {origin.home} AND (events.xid, events.seq) > {_POSITION} AND {TELLS}
            ORDER BY events.xid, events.seq LIMIT {MOST_UNREAD + 1}
        ) AS unread
        WHERE {origin.condition}
    """  # noqa: S608 - of texts of ours


def standing(origin: Origin) -> str:
    return f"""
        SELECT (SELECT count(*) > {MOST_UNREAD} FROM ({_unread(origin)}) AS unread) AS is_far_behind,
            (SELECT at FROM task_phases_floor) AS complete_since
    """  # noqa: S608 - of texts of ours


def unread(origin: Origin) -> str:
    """Common table expressions `base` and `folded`, of the tasks of these projects that the reader is behind with.

    Whose phases are in `base` is in another one than the table says: it goes on, or ends, as `folded` has it.
    """
    return f"""
        touched AS MATERIALIZED (SELECT DISTINCT subject_id FROM ({_unread(origin)}) AS unread),
        facts AS MATERIALIZED (
            SELECT told.* FROM touched
            CROSS JOIN LATERAL (
                {FACTS} AND events.subject_id = touched.subject_id AND (events.xid, events.seq) > {_POSITION} OFFSET 0
            ) AS told
        ),
        {FOLDED}
    """  # noqa: S608 - of texts of ours
