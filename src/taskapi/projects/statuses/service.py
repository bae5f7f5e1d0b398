"""Statuses: listed."""

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.lists import paging
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.projects import service as projects
from taskapi.projects.statuses import queries


async def list_statuses(session: DbSession, caller: Caller, project: str, params: PageParams) -> Slice:
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    return await paging.fetch(
        session,
        params,
        page=queries.page(params.rows, continues=params.continues),
        count=queries.COUNT,
        project_id=row["id"],
    )
