"""Lists of tasks, read."""

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from taskapi.core.access.permissions import Permission
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.http import references
from taskapi.core.http.references import ById, ByKey, Reference
from taskapi.core.lists import paging, sorting
from taskapi.core.lists.groups import Group, grouped
from taskapi.core.lists.paging import Slice
from taskapi.core.lists.sources import Source
from taskapi.projects import service as projects
from taskapi.tasks.errors import TooManyGroups
from taskapi.tasks.filters.ast import EVERY_TASK, Clause, Filter, Operator
from taskapi.tasks.filters.compile import compiled
from taskapi.tasks.filters.meaning import filter_in
from taskapi.tasks.filters.moments import zone_named
from taskapi.tasks.filters.parameters import filter_of, narrowed
from taskapi.tasks.filters.standpoint import Standpoint
from taskapi.tasks.lists import sources, statements
from taskapi.tasks.lists.access_paths import access_path
from taskapi.tasks.lists.grouping import grouping_of
from taskapi.tasks.lists.shapes import shape_of
from taskapi.tasks.lists.statements import MAX_GROUPS
from taskapi.tasks.schemas import TaskConditions, TaskFilter
from taskapi.tasks.views import service as views
from taskapi.tasks.views.errors import ViewOfAnotherProject
from taskapi.tasks.views.queries import ViewRow


@dataclass(frozen=True, slots=True)
class Seen:
    """A list as somebody asks for it, with what a saved view adds."""

    params: TaskFilter
    seen_from: Standpoint
    sort: str
    narrowing: Filter = EVERY_TASK


async def list_tasks(session: DbSession, caller: Caller, params: TaskFilter) -> tuple[TaskFilter, Slice]:
    """The tasks of all the caller's projects that are not archived; the newest first.

    With the parameters as they were meant: where a saved view says more, its cursors belong to that.
    """
    seen = await seen_by(session, caller, params, None, default_sort="-created_at")
    return seen.params, await fetch_seen(session, seen, sources.of_caller(caller, Reach.of(caller), None))


async def list_project_tasks(
    session: DbSession, caller: Caller, project: str, params: TaskFilter
) -> tuple[TaskFilter, Slice]:
    """The tasks of one project, in their manual order."""
    reference = references.project(project)
    seen = await seen_by(session, caller, params, reference, default_sort="rank")
    found = await fetch_seen(session, seen, sources.of_caller(caller, Reach.of(caller), reference))
    if not found.rows:
        # Only an empty answer asks whether there is such a project at all.
        await projects.load(session, caller, project, Permission.TASK_READ)
        if caller.is_admin:
            found = await fetch_seen(session, seen, sources.of_caller(caller, Reach.ADMINISTRATOR, reference))
    return seen.params, found


async def list_in_groups(session: DbSession, caller: Caller, params: TaskFilter) -> tuple[TaskFilter, list[Group]]:
    """The same tasks, the first page of each group."""
    seen = await seen_by(session, caller, params, None, default_sort="-created_at")
    return seen.params, await fetch_groups(session, seen, sources.of_caller(caller, Reach.of(caller), None))


async def list_project_in_groups(
    session: DbSession, caller: Caller, project: str, params: TaskFilter
) -> tuple[TaskFilter, list[Group]]:
    """A board: the tasks of one project by what they are grouped by, in one statement."""
    reference = references.project(project)
    seen = await seen_by(session, caller, params, reference, default_sort="rank")
    found = await fetch_groups(session, seen, sources.of_caller(caller, Reach.of(caller), reference))
    if not any(group.rows for group in found):
        await projects.load(session, caller, project, Permission.TASK_READ)
        if caller.is_admin:
            found = await fetch_groups(session, seen, sources.of_caller(caller, Reach.ADMINISTRATOR, reference))
    return seen.params, found


async def seen_by(
    session: DbSession, caller: Caller, params: TaskFilter, project: Reference | None, *, default_sort: str
) -> Seen:
    """What is asked for, with the saved view that it goes by read: the only statement that a list has more for it."""
    seen_from = Standpoint(utc_now(), zone_of(params, caller.timezone), caller.id)
    if params.view is None:
        return Seen(params, seen_from, params.sort or default_sort)
    view = await views.load(session, caller, params.view)
    if view["of_project"] is not None and not _is_named(project, view):
        raise ViewOfAnotherProject
    # A cursor goes on where the view said the same: who has changed it since begins anew.
    params = params.walking(replace(params.walk, state=f"&version={view['version']}"))
    narrowing = narrowed(_of_project(view), filter_in(view["filter"], seen_from, "/query/view"))
    return Seen(params, seen_from, params.sort or view["sort"] or default_sort, narrowing)


def _is_named(project: Reference | None, view: ViewRow) -> bool:
    match project:
        case None:
            return True
        case ById(project_id):
            return project_id == view["of_project"]
        case ByKey(key):
            return key == view["key"]


def _of_project(view: ViewRow) -> Filter:
    project_id = view["of_project"]
    return EVERY_TASK if project_id is None else Clause("project", Operator.ANY_OF, (project_id,))


async def fetch_seen(session: DbSession, seen: Seen, source: Source) -> Slice:
    return await fetch(session, seen.params, source, seen.seen_from, default_sort=seen.sort, narrowing=seen.narrowing)


async def fetch(
    session: DbSession,
    params: TaskConditions,
    source: Source,
    seen_from: Standpoint,
    *,
    default_sort: str,
    narrowing: Filter = EVERY_TASK,
) -> Slice:
    """A page of the source's tasks; for everybody who shows a list of tasks, whoever may see it."""
    tree, sort = narrowed(filter_of(params, seen_from), narrowing), params.sort or default_sort
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


async def fetch_groups(session: DbSession, seen: Seen, source: Source) -> list[Group]:
    tree = narrowed(filter_of(seen.params, seen.seen_from), seen.narrowing)
    grouping = grouping_of(seen.params, seen.seen_from, tree, seen.sort)
    rows = await session.fetch_rows(
        statements.groups(grouping.shapes, source.origin), **source.values, **grouping.values
    )
    groups = grouped(rows, seen.params.limit)
    if len(groups) > MAX_GROUPS:
        raise TooManyGroups(MAX_GROUPS)
    return groups


def zone_of(params: TaskConditions, account: str) -> ZoneInfo:
    """The time zone in which the parameters mean their days."""
    return zone_named(params.tz or account)
