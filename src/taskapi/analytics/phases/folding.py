"""Facts about tasks become phases of tasks, in SQL: the same for the log's reader and for what it has yet to read.

One text for both, so that a report cannot differ from what the reader will make of the same facts.
"""

from typing import Final

from taskapi.core.change_log.kinds import ChangeKind

KINDS: Final = ", ".join(
    f"'{kind}'"
    for kind in (
        ChangeKind.TASK_CREATED,
        ChangeKind.TASK_UPDATED,
        ChangeKind.TASK_MOVED,
        ChangeKind.TASK_LEFT,
        ChangeKind.TASK_COMPLETED,
        ChangeKind.TASK_REOPENED,
        ChangeKind.TASK_DELETED,
        ChangeKind.TASK_RESTORED,
        ChangeKind.TASK_PURGED,
    )
)
"""Those that tell of a task's row."""
_IS_LEFT: Final = f"events.kind = '{ChangeKind.TASK_LEFT}'"
FIELDS: Final = ("project_id", "status_category", "estimate", "deleted_at")
"""A change of one of these begins a phase."""
_ANY_FIELD: Final = f"events.changes ?| '{{{','.join(FIELDS)}}}'"

TELLS: Final = f"events.subject_type = 'task' AND {_ANY_FIELD}"
"""SQL for whether a fact may have to do with phases."""

# A task that left is in no project until `task.moved`, the next fact about it, says where it is. That one says all the
# rest as well. Only where a reader stops between the two is anything made of the first.
FACTS: Final = f"""
    SELECT events.subject_id AS task_id, events.seq, events.at,
        CASE WHEN {_IS_LEFT} THEN NULL ELSE events.project_id END AS project_id,
        events.changes ? 'status_category' AND NOT {_IS_LEFT} AS tells_category,
        events.changes #>> '{{status_category,1}}' AS category,
        events.changes ? 'estimate' AND NOT {_IS_LEFT} AS tells_estimate,
        (events.changes #>> '{{estimate,1}}')::double precision AS estimate,
        events.changes ? 'deleted_at' AND NOT {_IS_LEFT} AS tells_trash,
        events.changes #>> '{{deleted_at,1}}' IS NULL AS is_live
    FROM events
    WHERE events.kind IN ({KINDS}) AND {_ANY_FIELD}
"""  # noqa: S608 - of texts of ours
"""To which further conditions may be added."""

# What a fact does not say is as the last one that said it had it: so rows are numbered by how many
# before them say it, and the first of each number says it for all. A fact carries the task's project in any case.
# `base` is the phase that a task is in before its first fact here. Facts that are in it already change nothing, so that
# a reader that begins anew does no harm. A fact holds from its own time, but never from before the one that precedes
# it: clocks of several machines differ by some milliseconds. What is gone for good has no category, and no phase.
FOLDED: Final = """
    base AS MATERIALIZED (
        SELECT last.* FROM (SELECT DISTINCT task_id FROM facts) AS touched
        CROSS JOIN LATERAL (
            SELECT * FROM task_phases WHERE task_phases.task_id = touched.task_id ORDER BY seq DESC LIMIT 1
        ) AS last
    ),
    steps AS (
        SELECT task_id, seq, begins_at AS at, project_id, true AS tells_category, category, true AS tells_estimate,
            estimate, true AS tells_trash, is_live, true AS is_base
        FROM base
        UNION ALL
        SELECT facts.*, false FROM facts LEFT JOIN base USING (task_id) WHERE facts.seq > coalesce(base.seq, -1)
    ),
    numbered AS (
        SELECT task_id, seq, project_id, category, estimate, is_live, is_base, max(at) OVER so_far AS at,
            lead(seq) OVER so_far IS NULL AS is_last,
            count(*) FILTER (WHERE tells_category) OVER so_far AS nth_category,
            count(*) FILTER (WHERE tells_estimate) OVER so_far AS nth_estimate,
            count(*) FILTER (WHERE tells_trash) OVER so_far AS nth_trash
        FROM steps
        WINDOW so_far AS (PARTITION BY task_id ORDER BY seq)
    ),
    states AS (
        SELECT task_id, seq, at, project_id, is_base,
            first_value(category) OVER (PARTITION BY task_id, nth_category ORDER BY seq) AS category,
            first_value(estimate) OVER (PARTITION BY task_id, nth_estimate ORDER BY seq) AS estimate,
            coalesce(first_value(is_live) OVER (PARTITION BY task_id, nth_trash ORDER BY seq), true) AS is_live
        FROM numbered
        WHERE project_id IS NOT NULL OR is_last
    ),
    beginnings AS (
        SELECT * FROM (
            SELECT *, is_base OR (project_id, category, estimate, is_live) IS DISTINCT FROM (
                lag(project_id) OVER so_far, lag(category) OVER so_far, lag(estimate) OVER so_far,
                lag(is_live) OVER so_far
            ) AS begins
            FROM states
            WINDOW so_far AS (PARTITION BY task_id ORDER BY seq)
        ) AS compared
        WHERE begins
    ),
    folded AS MATERIALIZED (
        SELECT task_id, seq, project_id, at AS begins_at, category, estimate, is_live, is_base,
            coalesce(lead(at) OVER (PARTITION BY task_id ORDER BY seq), 'infinity') AS ends_at
        FROM beginnings
    )
"""
"""Common table expressions that make `folded` of `facts`: the new phases, and each `base` with its end."""
