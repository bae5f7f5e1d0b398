"""Where the log begins: old changes go after LOG_KEEP_DAYS, where that is set, and what is gone is written down.

Who was added to a project, or left it, stays: a client that comes back is told by it which projects it has lost.
"""

from datetime import datetime, timedelta
from typing import Final, TypedDict
from uuid import UUID

from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import One, prepare_text

_AT_ONCE: Final = 5_000


class _Reached(TypedDict):
    walked: int


# The walk ends at the first change that is young enough, or has not been read by every reader of the log. `at` grows
# with the position but for the length of a transaction, so the first young one will do.
_FORGET: Final = prepare_text(
    """
    WITH begins AS (
        SELECT coalesce((SELECT xid FROM log_floor), '0') AS xid, coalesce((SELECT seq FROM log_floor), 0) AS seq
    ), walk AS MATERIALIZED (
        SELECT events.xid, events.seq, events.at, events.subject_type
        FROM events
        WHERE (events.xid, events.seq) > ((SELECT xid FROM begins), (SELECT seq FROM begins))
            AND events.xid < (SELECT coalesce(min(xid), '18446744073709551615') FROM consumers)
        ORDER BY events.xid, events.seq
        LIMIT $at_once::integer
    ), young AS (
        SELECT xid, seq FROM walk WHERE at >= $before::timestamptz ORDER BY xid, seq LIMIT 1
    ), old AS MATERIALIZED (
        SELECT xid, seq, at, subject_type FROM walk
        WHERE NOT EXISTS (SELECT FROM young WHERE (young.xid, young.seq) <= (walk.xid, walk.seq))
    ), gone AS (
        DELETE FROM events USING old
        WHERE events.xid = old.xid AND events.seq = old.seq AND old.subject_type <> 'member'
    ), reached AS (
        INSERT INTO log_floor (xid, seq, at)
        SELECT xid, seq, (SELECT max(at) FROM old) FROM old ORDER BY xid DESC, seq DESC LIMIT 1
        ON CONFLICT (is_only) DO UPDATE
        SET xid = excluded.xid, seq = excluded.seq, at = greatest(log_floor.at, excluded.at)
    )
    SELECT count(*) AS walked FROM old
    """,
    row=_Reached,
)
# The making of a thing is the first that the log tells of it, so whoever has that has all of it.
_COMPLETE_SINCE: Final = prepare_text(
    """
    SELECT log_floor.at FROM log_floor WHERE NOT EXISTS (
        SELECT FROM events WHERE subject_id = $of_subject::uuid AND kind = $made::text
    )
    """,
    row=One[datetime],
)

RESTORED_LOG: Final = UUID("0f5a1b6e-5d0c-4b1d-9a57-6261636b7570")
"""What a fact about a restored backup is about, so that it is found by its index, and no others are."""
RESTORED_UP_TO: Final = "log_up_to"
"""Its field for the transaction up to which the backup's log is the one that was lost."""

# A place between what the backup held and its return is one of a log that is lost: others have its numbers since.
EXPIRED: Final = f"""(EXISTS (
    SELECT FROM log_floor WHERE (log_floor.xid, log_floor.seq) > ($after_xid::text::xid8, $after_seq::bigint)
) OR EXISTS (
    SELECT FROM events AS restored
    WHERE restored.subject_id = '{RESTORED_LOG}'::uuid
        AND (restored.xid, restored.seq) > ($after_xid::text::xid8, $after_seq::bigint)
        AND ((restored.changes -> '{RESTORED_UP_TO}' ->> 1)::xid8, 0) < ($after_xid::text::xid8, $after_seq::bigint)
))"""  # noqa: S608 - of texts of ours
"""SQL for whether changes after this position are gone."""


async def forget_old(session: DbSession, keep: timedelta) -> bool:
    """Take away some changes that are older than that; whether there may be more."""
    row = await session.only_row(_FORGET, before=utc_now() - keep, at_once=_AT_ONCE)
    return row["walked"] == _AT_ONCE


async def complete_since(session: DbSession, subject_id: UUID, made: ChangeKind) -> datetime | None:
    """From when on the log tells everything about a thing; None: from its making on, which was told as `made`.

    To be asked after the log was read: what is taken away in between is then missing since a moment that is told.
    """
    return await session.fetch_value(_COMPLETE_SINCE, of_subject=subject_id, made=made.value)
