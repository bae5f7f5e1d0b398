"""The last changes of a project, in SQL."""

from datetime import datetime
from typing import Final, TypedDict
from uuid import UUID

from taskapi.core.db.statements import prepare_text


class LastRow(TypedDict):
    id: UUID
    at: datetime
    kind: str
    subject_type: str
    subject_id: UUID
    changes: str


# Of a project where these kinds are rare, no more than its newest changes are looked through.
LAST: Final = prepare_text(
    """
    SELECT id, at, kind, subject_type, subject_id, changes::text AS changes
    FROM (
        SELECT * FROM events WHERE project_id = $of_project::uuid ORDER BY xid DESC, seq DESC LIMIT 10000
    ) AS newest
    WHERE kind = ANY ($kinds::text[])
    ORDER BY xid DESC, seq DESC LIMIT 100
    """,
    row=LastRow,
)
