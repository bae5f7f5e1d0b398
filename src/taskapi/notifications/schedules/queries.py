"""What is due, in SQL: found, noted and told in one statement, a bounded step of it at a time."""

from typing import Final

from taskapi.core.db.statements import One, Statement, prepare_text
from taskapi.notifications.queries import told

STEP: Final = 500
# Each sent once for the moment that it is for: one that moves with its due date is sent again. Of a task that is done,
# or in the trash, nobody is reminded any more, not later either.
REMIND: Final[Statement[One[int]]] = prepare_text(
    f"""
    WITH waiting AS (
        SELECT id, remind_at FROM reminders
        WHERE remind_at <= $now::timestamptz AND remind_at IS DISTINCT FROM reminded_for
        ORDER BY remind_at, id LIMIT {STEP} FOR UPDATE SKIP LOCKED
    ),
    marked AS (
        UPDATE reminders SET reminded_for = waiting.remind_at FROM waiting WHERE reminders.id = waiting.id
        RETURNING reminders.id, reminders.task_id, reminders.user_id
    ),
    {
        told('''
        SELECT row_number() OVER (ORDER BY marked.id)::integer AS place, 'reminder' AS kind, NULL::uuid AS actor_id,
            tasks.project_id AS in_project, tasks.id AS task_id, NULL::uuid AS comment_id, marked.user_id
        FROM marked
        JOIN tasks ON tasks.id = marked.task_id AND tasks.status_category NOT IN ('done', 'cancelled')
        JOIN projects ON projects.id = tasks.project_id AND projects.archived_at IS NULL
        ''')
    }
    SELECT count(*) FROM marked
    """,  # noqa: S608 - of texts of ours
    row=One[int],
)
# Of each project its tasks around now, along the index that lists by due date have. A day is due where its person is:
# it is near once it begins within 24 hours there, and past once it is over there.
TELL_DUE: Final[Statement[One[int]]] = prepare_text(
    f"""
    WITH near AS MATERIALIZED (
        SELECT tasks.* FROM projects
        CROSS JOIN LATERAL (
            SELECT id, project_id, due_first, due_on, due_at, assignee_ids, status_category FROM tasks
            WHERE tasks.project_id = projects.id AND tasks.deleted_at IS NULL
                AND due_first > $now::timestamptz - interval '7 days'
                AND due_first < $now::timestamptz + interval '3 days'
        ) AS tasks
        WHERE projects.deleted_at IS NULL AND projects.archived_at IS NULL AND tasks.assignee_ids <> '{{}}'
            AND tasks.status_category NOT IN ('done', 'cancelled')
    ),
    due AS (
        SELECT near.id, near.project_id, near.due_first, assignee.user_id, CASE
            WHEN due_at <= $now::timestamptz OR due_on < today.day THEN 'overdue'
            WHEN due_at <= $now::timestamptz + interval '24 hours' OR due_on <= today.day + 1 THEN 'due_soon'
        END AS kind
        FROM near
        CROSS JOIN LATERAL unnest(near.assignee_ids) AS assignee(user_id)
        JOIN members ON members.project_id = near.project_id AND members.user_id = assignee.user_id
        JOIN users ON users.id = assignee.user_id
        CROSS JOIN LATERAL (SELECT ($now::timestamptz AT TIME ZONE known_zone(users.timezone))::date AS day) AS today
    ),
    noted AS (
        INSERT INTO due_notices (task_id, user_id, due, kind)
        SELECT due.id, due.user_id, due.due_first, due.kind FROM due
        LEFT JOIN due_notices AS last ON last.task_id = due.id AND last.user_id = due.user_id
        WHERE due.kind IS NOT NULL AND (last.due IS DISTINCT FROM due.due_first OR last.kind < due.kind)
        LIMIT {STEP}
        ON CONFLICT (task_id, user_id) DO UPDATE SET due = excluded.due, kind = excluded.kind
        RETURNING task_id, user_id, kind
    ),
    {
        told('''
        SELECT row_number() OVER (ORDER BY task_id, user_id)::integer AS place, kind, NULL::uuid AS actor_id,
            NULL::uuid AS in_project, task_id, NULL::uuid AS comment_id, user_id
        FROM noted
        ''')
    }
    SELECT count(*) FROM noted
    """,  # noqa: S608 - of texts of ours
    row=One[int],
)
# What is so long past is looked at no more.
FORGET_NOTICES: Final[Statement[One[None]]] = prepare_text(
    "DELETE FROM due_notices WHERE due < $now::timestamptz - interval '14 days'", row=One[None]
)
