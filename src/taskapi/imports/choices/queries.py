"""Choices that are not there yet, in SQL: what somebody chose here meanwhile stays as it is."""

from typing import Final

from taskapi.core.db.statements import prepare_text
from taskapi.tasks.comments.queries import ReactionRow
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
