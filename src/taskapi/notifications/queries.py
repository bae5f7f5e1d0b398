"""Writing notifications in SQL: of many changes and many people, one statement.

Who may not see the task is not told, and neither is who did it: both are part of the statement that writes.
"""

from typing import Final

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from taskapi.core.db.statements import One, Statement, as_text, prepare_text
from taskapi.models import Project, Task
from taskapi.notifications import moments
from taskapi.notifications.moments import GATHERED
from taskapi.tasks.queries import JOINED
from taskapi.tasks.watchers.queries import NEEDED, watchers_of

# UUIDv7 (RFC 9562 §5.7): the milliseconds in front of random bits, which are those of a UUIDv4.
_NEW_ID: Final = """
    encode(set_bit(set_bit(overlay(
        uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM $now::timestamptz) * 1000)::bigint) FROM 3) FROM 1 FOR 6
    ), 52, 1), 53, 1), 'hex')::uuid
"""
_COLUMNS: Final = "id, user_id, kind, project_id, task_id, comment_id, invitation_id, actor_id, created_at, in_app"


def told(wanted: str) -> str:
    """Behind WITH: writes what is `wanted`, as far as its people may see it.

    `wanted` is a SELECT of place, kind, actor_id, in_project, task_id, comment_id and user_id: who is told what of
    what, in the order of `place`. It takes the parameter `now`.
    """
    return f"""
        wanted AS ({wanted}),
        chosen AS (
            SELECT wanted.*, projects.id AS of_project, tasks.id AS of_task,
                coalesce((own.kinds -> wanted.kind ->> 'in_app')::boolean, true) AS in_app,
                {moments.chosen("wanted.kind")} AS mailing,
                {moments.out_of_quiet_hours(GATHERED)} AS soon,
                {moments.NEXT_DIGEST} AS daily
            FROM wanted
            LEFT JOIN comments ON comments.id = wanted.comment_id
            LEFT JOIN tasks ON tasks.id = coalesce(comments.task_id, wanted.task_id) AND tasks.deleted_at IS NULL
            JOIN projects ON projects.id = coalesce(tasks.project_id, wanted.in_project)
                AND projects.deleted_at IS NULL
            JOIN members ON members.project_id = projects.id AND members.user_id = wanted.user_id
            JOIN users ON users.id = wanted.user_id AND users.is_active
            LEFT JOIN notification_preferences AS own ON own.user_id = wanted.user_id
            {moments.HERE}
            WHERE wanted.user_id IS DISTINCT FROM wanted.actor_id
                AND (wanted.comment_id IS NULL OR comments.id IS NOT NULL)
                AND (tasks.id IS NOT NULL OR wanted.task_id IS NULL AND wanted.comment_id IS NULL)
        ),
        told AS (
            INSERT INTO notifications ({_COLUMNS}, mailing, mail_at)
            SELECT {_NEW_ID}, user_id, kind, of_project, of_task, comment_id, NULL, actor_id,
                $now::timestamptz + place * interval '1 microsecond', in_app, mailing,
                CASE mailing WHEN 'now' THEN soon WHEN 'digest' THEN daily END
            FROM chosen
            WHERE in_app OR mailing <> 'off'
            RETURNING user_id
        )
    """  # noqa: S608 - of texts of ours


_task = (
    select(*NEEDED)
    .join(Project, JOINED)
    .where(Task.id == any_(bindparam("watched", type_=ARRAY(Uuid))), Task.deleted_at.is_(None))
    .cte("task")
)
_watchers = watchers_of(_task)
_HAPPENED: Final = """
    SELECT * FROM jsonb_to_recordset($happened::jsonb) AS one(
        place integer, strength integer, kind text, actor_id uuid, in_project uuid, task_id uuid, comment_id uuid,
        invitation_id uuid, user_id uuid
    )
"""
_EACH: Final = "SELECT place, strength, kind, actor_id, in_project, happened.task_id, comment_id"
# Of one change everybody is told the strongest thing that is for them.
_STRONGEST: Final = f"""
    SELECT DISTINCT ON (place, user_id) * FROM (
        {_EACH}, user_id FROM happened WHERE user_id IS NOT NULL
        UNION ALL
        {_EACH}, watching.user_id FROM happened JOIN watching ON watching.task_id = happened.task_id
        WHERE happened.user_id IS NULL
    ) AS every_one
    ORDER BY place, user_id, strength
"""  # noqa: S608 - of texts of ours
TELL: Final[Statement[One[int]]] = prepare_text(
    f"""
    WITH happened AS MATERIALIZED ({_HAPPENED}),
    watching AS ({as_text(select(_watchers.c.task_id, _watchers.c.user_id))}),
    {told(_STRONGEST)}
    SELECT count(*) FROM told
    """,  # noqa: S608 - of texts of ours
    row=One[int],
)
# The mail with the link was sent when they were invited. Only who has proven the address knows that it is theirs.
TELL_INVITED: Final[Statement[One[int]]] = prepare_text(
    f"""
    WITH happened AS MATERIALIZED ({_HAPPENED}),
    told AS (
        INSERT INTO notifications ({_COLUMNS}, mailing)
        SELECT {_NEW_ID}, users.id, happened.kind, projects.id, NULL, NULL, invitations.id, happened.actor_id,
            $now::timestamptz + place * interval '1 microsecond', true, 'off'
        FROM happened
        JOIN invitations ON invitations.id = happened.invitation_id
            AND invitations.accepted_at IS NULL AND invitations.revoked_at IS NULL
        JOIN projects ON projects.id = invitations.project_id AND projects.deleted_at IS NULL
        JOIN users ON users.email = invitations.email AND users.email_verified AND users.is_active
        LEFT JOIN notification_preferences AS own ON own.user_id = users.id
        WHERE coalesce((own.kinds -> happened.kind ->> 'in_app')::boolean, true)
            AND NOT EXISTS (SELECT FROM members WHERE project_id = projects.id AND user_id = users.id)
        RETURNING user_id
    )
    SELECT count(*) FROM told
    """,  # noqa: S608 - of texts of ours
    row=One[int],
)
