"""What something was at a moment, rebuilt from the change log alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypedDict
from uuid import UUID

import pydantic_core

from taskapi.core.change_log.floor import complete_since
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import prepare_text
from taskapi.core.errors import NotFound
from taskapi.core.fields import rfc3339


class StateRow(TypedDict):
    """The fields as JSON, null before the first fact; how many facts told them, and when the last did."""

    fields: str | None
    told: int
    at: datetime | None


# Facts about one thing are numbered while its row is locked, so their numbers are the order in which they happened; the
# clocks of several machines may say otherwise by some milliseconds. The state is that after the last of the moment.
_STATE: Final = prepare_text(
    """
    WITH told AS (
        SELECT seq, at, changes FROM events
        WHERE subject_id = $of_subject::uuid AND kind = ANY($kinds::text[]) AND seq <= (
            SELECT max(seq) FROM events
            WHERE subject_id = $of_subject::uuid AND kind = ANY($kinds::text[]) AND at <= $at::timestamptz
        )
    ), latest AS (
        SELECT DISTINCT ON (each.key) each.key AS name, each.value -> 1 AS value
        FROM told CROSS JOIN LATERAL jsonb_each(told.changes) AS each
        ORDER BY each.key, told.seq DESC
    )
    SELECT
        (SELECT jsonb_object_agg(name, value)::text FROM latest) AS fields,
        (SELECT count(*) FROM told) AS told,
        (SELECT at FROM told ORDER BY seq DESC LIMIT 1) AS at
    """,
    row=StateRow,
)


async def state_at(
    session: DbSession, subject_id: UUID, kinds: list[str], at: datetime, shape: Mapping[str, object]
) -> dict[str, Any] | None:
    """The fields that `shape` names, in its order; None before there was one, and where the log begins later.

    `kinds` are those of the facts that change the subject's row, each of which made a new version of it. The values of
    `shape` stand for fields that the log did not tell yet when the subject was made.
    """
    row = await session.only_row(_STATE, of_subject=subject_id, kinds=kinds, at=at)
    if row["fields"] is None:
        return None
    fields = pydantic_core.from_json(row["fields"])
    if "id" not in fields:
        return None  # only its making tells every field
    if row["told"] > 1:
        # No fact tells these two: they say that there was a write, as the fact itself does.
        fields["version"] += row["told"] - 1
        fields["updated_at"] = rfc3339(row["at"])  # type: ignore[arg-type]  # there where there are fields
    return {name: fields.get(name, value) for name, value in shape.items()}


async def nothing_known(session: DbSession, subject_id: UUID, made: ChangeKind) -> NotFound:
    """Why there is no state of something that is there now: it was made later, or the log begins later."""
    since = await complete_since(session, subject_id, made)
    name = made.subject
    if since is None:
        return NotFound(f"The {name} was not there yet")
    begins = rfc3339(since)
    return NotFound(f"The {name} was made before {begins}, where the change log begins", complete_since=begins)
