"""Which notifications are mailed now, and what the mails say, in SQL."""

from datetime import date, datetime
from typing import Final, TypedDict
from uuid import UUID

from taskapi.core.db.statements import One, Statement, prepare_text
from taskapi.notifications import moments

STEP: Final = 200
MOST_LINES: Final = 50


class MailRow(TypedDict):
    """A mail that a job is to send."""

    mail_id: UUID
    user_id: UUID
    address: str
    is_digest: bool


class LineRow(TypedDict):
    """A notification in a mail; who gets it stands in each."""

    address: str
    kind: str
    actor: str | None
    task_key: str | None
    name: str
    """Of the task; of an invitation, the project."""
    status: str | None
    due_on: date | None
    due_at: datetime | None
    zone: str
    said: str | None
    """What the comment says now."""
    total: int
    not_before: datetime
    """Later than now in quiet hours."""


# Those of a task that wait already go with the first that is due, and so do all of a digest. Whom we may not write to
# is written to no more: an account that is disabled, or an address that nobody has proven.
HAND_OVER: Final[Statement[MailRow]] = prepare_text(
    f"""
    WITH due AS MATERIALIZED (
        SELECT user_id, mailing, topic, gen_random_uuid() AS mail_id FROM (
            SELECT DISTINCT user_id, mailing, CASE mailing WHEN 'now' THEN coalesce(task_id, project_id) END AS topic
            FROM (
                SELECT user_id, mailing, task_id, project_id FROM notifications
                WHERE mail_at <= $now::timestamptz AND mail_id IS NULL ORDER BY mail_at LIMIT {STEP}
            ) AS first
        ) AS topics
    ),
    taken AS MATERIALIZED (
        SELECT waiting.id, due.mail_id FROM due
        JOIN notifications AS waiting ON waiting.user_id = due.user_id AND waiting.mailing = due.mailing
            AND (due.topic IS NULL OR due.topic = coalesce(waiting.task_id, waiting.project_id))
        WHERE waiting.mail_at IS NOT NULL AND waiting.mail_id IS NULL
        FOR UPDATE OF waiting SKIP LOCKED
    ),
    handed AS (
        UPDATE notifications SET
            mail_id = CASE WHEN users.is_active AND users.email_verified THEN taken.mail_id END,
            mail_at = CASE WHEN users.is_active AND users.email_verified THEN notifications.mail_at END
        FROM taken, users
        WHERE notifications.id = taken.id AND users.id = notifications.user_id
        RETURNING notifications.mail_id, notifications.user_id, users.email AS address,
            notifications.mailing = 'digest' AS is_digest
    )
    SELECT DISTINCT mail_id, user_id, address, is_digest FROM handed WHERE mail_id IS NOT NULL ORDER BY address
    """,  # noqa: S608 - of texts of ours
    row=MailRow,
)
_OF_MAIL: Final = "user_id = $of_user::uuid AND mail_id = $of_mail::uuid AND mail_at IS NOT NULL"
# What its person may still see, wants mailed and has not read, as it is now.
LINES: Final[Statement[LineRow]] = prepare_text(
    f"""
    SELECT users.email AS address, told.kind, coalesce(actors.full_name, actors.username) AS actor,
        CASE WHEN tasks.id IS NOT NULL THEN projects.key || '-' || tasks.number END AS task_key,
        coalesce(tasks.title, projects.name) AS name, statuses.name AS status, tasks.due_on, tasks.due_at, here.zone,
        comments.body AS said, (count(*) OVER ())::integer AS total,
        CASE told.mailing WHEN 'now' THEN {moments.out_of_quiet_hours(moments.AT_ONCE)} ELSE $now::timestamptz END
            AS not_before
    FROM (SELECT * FROM notifications WHERE {_OF_MAIL} AND read_at IS NULL) AS told
    JOIN users ON users.id = told.user_id AND users.is_active AND users.email_verified
    LEFT JOIN notification_preferences AS own ON own.user_id = users.id
    {moments.HERE}
    LEFT JOIN users AS actors ON actors.id = told.actor_id
    LEFT JOIN comments ON comments.id = told.comment_id
    LEFT JOIN tasks ON tasks.id = told.task_id AND tasks.deleted_at IS NULL
    JOIN projects ON projects.id = coalesce(tasks.project_id, told.project_id) AND projects.deleted_at IS NULL
    JOIN members ON members.project_id = projects.id AND members.user_id = users.id
    LEFT JOIN statuses ON statuses.project_id = tasks.project_id AND statuses.key = tasks.status
    WHERE (told.task_id IS NULL OR tasks.id IS NOT NULL) AND (told.comment_id IS NULL OR comments.id IS NOT NULL)
        AND {moments.chosen("told.kind")} <> 'off'
    ORDER BY told.created_at, told.id LIMIT {MOST_LINES}
    """,  # noqa: S608 - of texts of ours
    row=LineRow,
)
PUT_OFF: Final[Statement[One[None]]] = prepare_text(
    f"UPDATE notifications SET mail_id = NULL, mail_at = $not_before::timestamptz WHERE {_OF_MAIL}",  # noqa: S608 - ours
    row=One[None],
)
PUT_INTO_DIGEST: Final[Statement[One[None]]] = prepare_text(
    f"""
    UPDATE notifications SET mail_id = NULL, mailing = 'digest', mail_at = next.digest
    FROM (
        SELECT {moments.NEXT_DIGEST} AS digest
        FROM users LEFT JOIN notification_preferences AS own ON own.user_id = users.id {moments.HERE}
        WHERE users.id = $of_user::uuid
    ) AS next
    WHERE {_OF_MAIL}
    """,  # noqa: S608 - of texts of ours
    row=One[None],
)
DONE: Final[Statement[One[None]]] = prepare_text(
    f"UPDATE notifications SET mail_at = NULL WHERE {_OF_MAIL}",  # noqa: S608 - ours
    row=One[None],
)
