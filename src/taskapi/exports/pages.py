"""The tasks of a project, page after page, in the snapshot of one export."""

from collections.abc import AsyncIterator
from typing import Protocol
from uuid import UUID

from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import Statement
from taskapi.exports import queries
from taskapi.exports.queries import TaskLine


class Paged(Protocol):
    def __call__(self, *, continues: bool) -> Statement[TaskLine]: ...


async def of_tasks(
    session: DbSession, page: Paged, project_id: UUID, **values: object
) -> AsyncIterator[list[TaskLine]]:
    """`values` are what the page's statement asks for beside its place."""
    rows = await session.fetch_rows(page(continues=False), of_project=project_id, **values)
    while rows:
        yield rows
        if len(rows) < queries.PAGE:
            return
        place = {"after_at": rows[-1]["created_at"], "after_id": rows[-1]["id"]}
        rows = await session.fetch_rows(page(continues=True), of_project=project_id, **place, **values)
