"""How much room is taken already by whatever some files would be added to, in SQL."""

from typing import Final, Literal, TypedDict, cast
from uuid import UUID

from sqlalchemy import Table

from taskapi.core.db.statements import prepare_text
from taskapi.models import Attachment

FILES: Final = cast("Table", Attachment.__table__)
Taker = Literal["task", "project", "user"]


class TakenRow(TypedDict):
    taker: Taker
    of_id: UUID
    files: int
    bytes: int


TAKEN: Final = prepare_text(
    """
    SELECT 'task' AS taker, task_id AS of_id, count(*) AS files, sum(size)::bigint AS bytes
    FROM attachments WHERE task_id = ANY ($task_ids::uuid[]) GROUP BY task_id
    UNION ALL
    SELECT 'project', project_id, count(*), sum(size)::bigint
    FROM attachments WHERE project_id = ANY ($project_ids::uuid[]) GROUP BY project_id
    UNION ALL
    SELECT 'user', created_by, count(*), sum(size)::bigint
    FROM attachments WHERE created_by = ANY ($user_ids::uuid[]) GROUP BY created_by
    """,
    row=TakenRow,
)
