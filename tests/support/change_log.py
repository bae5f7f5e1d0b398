"""Reads the change log as it stands in the table."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Entry:
    kind: str
    actor_id: UUID | None
    project_id: UUID | None
    subject_key: str | None
    request_id: str | None
    changes: dict[str, list[Any]]


async def entries(tables: Any, subject_id: str | UUID | None = None) -> list[Entry]:
    """What the log tells, or tells of one thing, in the order it happened."""
    rows = await tables.fetch(
        "SELECT * FROM events WHERE $1::uuid IS NULL OR subject_id = $1 ORDER BY xid, seq",
        UUID(str(subject_id)) if subject_id else None,
    )
    # The driver gives JSON as a text until somebody sets a codec on this connection.
    return [
        Entry(
            row["kind"],
            row["actor_id"],
            row["project_id"],
            row["subject_key"],
            row["request_id"],
            json.loads(row["changes"]) if isinstance(row["changes"], str) else row["changes"],
        )
        for row in rows
    ]


async def kinds(tables: Any, subject_id: str | UUID | None = None) -> list[str]:
    return [entry.kind for entry in await entries(tables, subject_id)]
