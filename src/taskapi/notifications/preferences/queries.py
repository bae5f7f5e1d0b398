"""What somebody chose, in SQL."""

from datetime import time
from typing import Final, TypedDict

from sqlalchemy import Text, bindparam, cast, select, update
from sqlalchemy.dialects.postgresql import insert

from taskapi.core.db.statements import One, Statement, prepare, prepare_text
from taskapi.models import NotificationPreferences


class ChosenRow(TypedDict):
    kinds: str
    quiet_from: time | None
    quiet_to: time | None
    daily_hour: int | None
    version: int


_own = NotificationPreferences
_this = _own.user_id == bindparam("of_user")
_chosen = select(
    cast(_own.kinds, Text).label("kinds"), _own.quiet_from, _own.quiet_to, _own.daily_hour, _own.version
).where(_this)
CHOSEN: Final = prepare(_chosen, row=ChosenRow)
LOCK: Final = prepare(_chosen.with_for_update(), row=ChosenRow)
# So that there is a row to lock: of two at once who choose for the first time, the second waits here.
BEGIN: Final = prepare(insert(_own).values(user_id=bindparam("of_user")).on_conflict_do_nothing())
CHOOSE: Final = prepare(
    update(_own).where(_this).values(version=_own.version + 1),
    *("kinds", "quiet_from", "quiet_to", "daily_hour"),
)
# Of an account that is deleted nothing is written: whoever has the link may still follow it.
END_MAILS: Final[Statement[One[bool]]] = prepare_text(
    """
    INSERT INTO notification_preferences AS own (user_id, kinds)
    SELECT users.id, off.kinds
    FROM users,
        (SELECT jsonb_object_agg(kind, '{"email": "off"}'::jsonb) AS kinds FROM unnest($kinds::text[]) AS kind) AS off
    WHERE users.id = $of_user::uuid AND users.deleted_at IS NULL
    ON CONFLICT (user_id) DO UPDATE SET
        kinds = own.kinds || (
            SELECT jsonb_object_agg(kind, coalesce(own.kinds -> kind, '{}'::jsonb) || '{"email": "off"}'::jsonb)
            FROM unnest($kinds::text[]) AS kind
        ),
        version = own.version + 1
    RETURNING true
    """,
    row=One[bool],
)
