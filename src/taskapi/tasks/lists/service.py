"""Lists of tasks, read."""

from zoneinfo import ZoneInfo

from taskapi.core.access.permissions import Permission
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.http import references
from taskapi.core.lists import paging, sorting
from taskapi.core.lists.paging import Slice
from taskapi.core.lists.sources import Source
from taskapi.projects import service as projects
from taskapi.tasks.filters.compile import compiled
from taskapi.tasks.filters.moments import zone_named
from taskapi.tasks.filters.parameters import filter_of
from taskapi.tasks.filters.standpoint import Standpoint
from taskapi.tasks.lists import sources, statements
from taskapi.tasks.lists.access_paths import access_path
from taskapi.tasks.lists.shapes import shape_of
from taskapi.tasks.schemas import TaskConditions, TaskFilter


async def list_tasks(session: DbSession, caller: Caller, params: TaskFilter) -> Slice:
    """The tasks of all the caller's projects that are not archived; the newest first."""
    source = sources.of_caller(caller, Reach.of(caller), None)
    return await fetch(session, params, source, _standpoint(caller, params), default_sort="-created_at")


async def list_project_tasks(session: DbSession, caller: Caller, project: str, params: TaskFilter) -> Slice:
    """The tasks of one project, in their manual order."""
    reference, standpoint = references.project(project), _standpoint(caller, params)

    async def seen_as(reach: Reach) -> Slice:
        source = sources.of_caller(caller, reach, reference)
        return await fetch(session, params, source, standpoint, default_sort="rank")

    found = await seen_as(Reach.of(caller))
    if not found.rows:
        # Only an empty answer asks whether there is such a project at all.
        await projects.load(session, caller, project, Permission.TASK_READ)
        if caller.is_admin:
            found = await seen_as(Reach.ADMINISTRATOR)
    return found


async def fetch(
    session: DbSession, params: TaskConditions, source: Source, seen_from: Standpoint, *, default_sort: str
) -> Slice:
    """A page of the source's tasks; for everybody who shows a list of tasks, whoever may see it."""
    tree, sort = filter_of(params, seen_from), params.sort or default_sort
    path = access_path(tree, sorting.parse(sort))
    condition = compiled(tree, path.fields)
    shape = shape_of(params, path, condition.sql, sort)
    return await paging.fetch(
        session,
        params,
        page=statements.page(shape, source.origin),
        count=statements.count(path, condition.sql, source.origin),
        **condition.values,
        **source.values,
        **source.values_beside,
    )


def zone_of(params: TaskConditions, account: str) -> ZoneInfo:
    """The time zone in which the parameters mean their days."""
    return zone_named(params.tz or account)


def _standpoint(caller: Caller, params: TaskConditions) -> Standpoint:
    return Standpoint(utc_now(), zone_of(params, caller.timezone), caller.id)
