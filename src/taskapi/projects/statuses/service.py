"""Statuses: listed."""

from taskapi.core import pagination
from taskapi.core.callers import Caller
from taskapi.core.db import DbSession
from taskapi.core.pagination import PageParams, Slice
from taskapi.core.permissions import Permission
from taskapi.projects import service as projects
from taskapi.projects.statuses import queries


async def list_statuses(
    session: DbSession, caller: Caller, project: str, params: PageParams, after: dict[str, str] | None
) -> Slice:
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    return await pagination.fetch(
        session,
        params,
        after,
        page=queries.page(params.limit, continues=after is not None),
        count=queries.COUNT,
        project_id=row["id"],
    )
