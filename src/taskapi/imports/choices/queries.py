"""Choices that are not there yet, in SQL: what somebody chose here meanwhile stays as it is."""

from typing import Final

from taskapi.core.db.statements import One, as_json, as_text, prepare_text
from taskapi.tasks.comments.queries import ReactionRow
from taskapi.tasks.reminders.queries import REMINDER_FIELDS
from taskapi.tasks.watchers.queries import ChoiceRow

REACT: Final = prepare_text(
    """
    INSERT INTO comment_reactions (id, comment_id, emoji, user_id, created_at)
    SELECT given.id, given.comment_id, given.emoji, given.user_id, $now::timestamptz
    FROM jsonb_to_recordset($rows::jsonb) AS given (id uuid, comment_id uuid, emoji text, user_id uuid)
        JOIN comments ON comments.id = given.comment_id
    ON CONFLICT DO NOTHING
    RETURNING id, comment_id, emoji, user_id, created_at
    """,
    row=ReactionRow,
)
WATCH: Final = prepare_text(
    """
    INSERT INTO task_watchers (id, task_id, user_id, watching)
    SELECT given.id, given.task_id, given.user_id, given.watching
    FROM jsonb_to_recordset($rows::jsonb) AS given (id uuid, task_id uuid, user_id uuid, watching boolean)
    ON CONFLICT DO NOTHING
    RETURNING id, task_id, user_id, watching
    """,
    row=ChoiceRow,
)
# Of an open task that has room for more; when each is due a trigger finds out.
REMIND: Final = prepare_text(
    f"""
    INSERT INTO reminders (id, task_id, user_id, at, minutes_before, created_at)
    SELECT given.id, given.task_id, $of_user::uuid, given.at, given.minutes_before, $now::timestamptz
    FROM jsonb_to_recordset($rows::jsonb) AS given (id uuid, task_id uuid, at timestamptz, minutes_before integer)
        JOIN tasks ON tasks.id = given.task_id AND tasks.completed_at IS NULL
    WHERE (
        SELECT count(*) FROM reminders AS had
        WHERE had.task_id = given.task_id AND had.user_id = $of_user::uuid AND had.id <> given.id
    ) < $most::integer
    ON CONFLICT DO NOTHING
    RETURNING {as_text(as_json(REMINDER_FIELDS))} AS body
    """,  # noqa: S608 - of names of ours
    row=One[str],
)
