"""Lists of tasks, read."""

from collections.abc import Collection
from dataclasses import replace
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

from taskapi.core import markdown
from taskapi.core.access.permissions import Permission
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.http import references
from taskapi.core.http.references import ById, ByKey, Reference
from taskapi.core.lists import paging
from taskapi.core.lists.groups import Group, grouped
from taskapi.core.lists.paging import Slice
from taskapi.core.lists.sources import Source
from taskapi.projects import service as projects
from taskapi.tasks import errors
from taskapi.tasks.errors import InvalidFilter, TooManyGroups, UnknownField
from taskapi.tasks.filters import custom_fields
from taskapi.tasks.filters.ast import EVERY_TASK, Clause, Filter, Not, Operator
from taskapi.tasks.filters.compile import compiled
from taskapi.tasks.filters.moments import zone_named
from taskapi.tasks.filters.schemas import ProjectTaskFilter, TaskConditions, TaskFilter
from taskapi.tasks.filters.standpoint import Standpoint
from taskapi.tasks.lists import sources, statements
from taskapi.tasks.lists.access_paths import AGENDA, DIRECT, access_path, agenda
from taskapi.tasks.lists.grouping import Asked, grouping_of
from taskapi.tasks.lists.meaning import service as meaning
from taskapi.tasks.lists.meaning.service import Wish
from taskapi.tasks.lists.shapes import shape_of
from taskapi.tasks.lists.statements import MAX_GROUPS
from taskapi.tasks.schemas import Expand
from taskapi.tasks.views import service as views
from taskapi.tasks.views.errors import ViewOfAnotherProject
from taskapi.tasks.views.queries import ViewRow


async def list_tasks(session: DbSession, caller: Caller, params: TaskFilter) -> tuple[TaskFilter, Slice]:
    """The tasks of all the caller's projects that are not archived; the newest first.

    With the parameters as they were meant: where a saved view says more, its cursors belong to that.
    """
    params, wish = await wish_of(session, caller, params, None, default_sort="-created_at")
    if custom_fields.PREFIX in wish.sort:
        raise errors.field_needs_a_project()
    found = await fetch(session, wish, sources.of_caller(caller, Reach.of(caller), None))
    return params, await _with_html(session, params, found)


async def list_project_tasks(
    session: DbSession, caller: Caller, project: str, params: ProjectTaskFilter
) -> tuple[TaskFilter, Slice]:
    """The tasks of one project, in their manual order."""
    reference, below = references.project(project), params.include_children
    asked, wish = await wish_of(session, caller, params, reference, default_sort="rank")

    async def seen_as(reach: Reach) -> Slice:
        return await fetch(session, wish, sources.of_caller(caller, reach, reference, with_children=below))

    try:
        found = await seen_as(Reach.of(caller))
    except (UnknownField, InvalidFilter):
        # Of a project that the caller is not in, no custom field is known.
        if not meaning.names_fields(wish):
            raise
        await projects.load(session, caller, project, Permission.TASK_READ)
        if not caller.is_admin:
            raise
        found = await seen_as(Reach.ADMINISTRATOR)
    if not found.rows:
        # Only an empty answer asks whether there is such a project at all.
        await projects.load(session, caller, project, Permission.TASK_READ)
        if caller.is_admin:
            found = await seen_as(Reach.ADMINISTRATOR)
    return asked, await _with_html(session, params, found)


async def list_in_groups(session: DbSession, caller: Caller, params: TaskFilter) -> tuple[TaskFilter, list[Group]]:
    """The same tasks, the first page of each group."""
    asked, wish = await wish_of(session, caller, params, None, default_sort="-created_at")
    if custom_fields.PREFIX in wish.sort:
        raise errors.field_needs_a_project()
    found = await fetch_groups(session, asked, wish, sources.of_caller(caller, Reach.of(caller), None))
    return asked, await _groups_with_html(session, params, found)


async def list_project_in_groups(
    session: DbSession, caller: Caller, project: str, params: ProjectTaskFilter
) -> tuple[TaskFilter, list[Group]]:
    """A board: the tasks of one project by what they are grouped by, in one statement."""
    reference, below = references.project(project), params.include_children
    asked, wish = await wish_of(session, caller, params, reference, default_sort="rank")

    async def seen_as(reach: Reach) -> list[Group]:
        source = sources.of_caller(caller, reach, reference, with_children=below)
        return await fetch_groups(session, asked, wish, source)

    try:
        found = await seen_as(Reach.of(caller))
    except (UnknownField, InvalidFilter):
        if not meaning.names_fields(wish):
            raise
        await projects.load(session, caller, project, Permission.TASK_READ)
        if not caller.is_admin:
            raise
        found = await seen_as(Reach.ADMINISTRATOR)
    if not any(group.rows for group in found):
        await projects.load(session, caller, project, Permission.TASK_READ)
        if caller.is_admin:
            found = await seen_as(Reach.ADMINISTRATOR)
    return asked, await _groups_with_html(session, params, found)


async def wish_of(
    session: DbSession, caller: Caller, params: TaskFilter, project: Reference | None, *, default_sort: str
) -> tuple[TaskFilter, Wish]:
    """What is asked for, with the saved view that it goes by read: the only statement that a list has more for it."""
    seen_from = Standpoint(utc_now(), zone_of(params, caller.timezone), caller.id)
    if params.view is None:
        return params, Wish(params, seen_from, params.sort or default_sort)
    view = await views.load(session, caller, params.view)
    if view["of_project"] is not None and not _is_named(project, view):
        raise ViewOfAnotherProject
    # A cursor goes on where the view said the same: who has changed it since begins anew.
    params = params.walking(replace(params.walk, state=f"&version={view['version']}"))
    sort = params.sort or view["sort"] or default_sort
    return params, Wish(params, seen_from, sort, _of_project(view), also=view["filter"])


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


async def fetch(session: DbSession, wish: Wish, source: Source) -> Slice:
    """A page of the source's tasks; for everybody who shows a list of tasks, whoever may see it."""
    meant = await meaning.read(session, wish, source)
    led = agenda(meant.tree, meant.order, wish.seen_from.me) if source.origin.is_everywhere else None
    path, tree = (access_path(meant.tree, meant.order), meant.tree) if led is None else (AGENDA, led)
    condition = compiled(tree, {**path.fields, **meant.fields} if meant.custom else path.fields)
    shape = shape_of(wish.params, path, condition.sql, wish.sort, meant.sort_types)
    return await paging.fetch(
        session,
        wish.params,
        page=statements.page(shape, source.origin),
        count=statements.count(path, condition.sql, source.origin),
        **condition.values,
        **meant.sort_values,
        **source.values,
        **source.values_beside,
    )


async def ids_by_filter(session: DbSession, caller: Caller, text: str, pointer: str, most: int) -> set[UUID]:
    """Of the tasks that `GET /tasks?filter=` shows for this text: so many at most. `pointer` is its place."""
    seen_from = Standpoint(utc_now(), zone_named(caller.timezone), caller.id)
    source = sources.of_caller(caller, Reach.of(caller), None)
    wish = Wish(TaskFilter(), seen_from, "number", also=text, also_at=pointer)
    meant = await meaning.read(session, wish, source)
    condition = compiled(meant.tree, {**DIRECT.fields, **meant.fields})
    statement = statements.ids(DIRECT, condition.sql, source.origin)
    return set(await session.fetch_values(statement, most=most, **condition.values, **source.values))


async def fitting(
    session: DbSession, caller: Caller, project_id: UUID, text: str, pointer: str, task_ids: Collection[UUID]
) -> set[UUID]:
    """Of these tasks those that are in the project and fit the filter now; `pointer` is the place of its text."""
    seen_from = Standpoint(utc_now(), zone_named(caller.timezone), caller.id)
    source = sources.of_caller(caller, Reach.of(caller), ById(project_id))
    wish = Wish(TaskFilter(), seen_from, "number", also=text, also_at=pointer)
    meant = await meaning.read(session, wish, source)
    condition = compiled(meant.tree, {**DIRECT.fields, **meant.fields})
    statement = statements.among(DIRECT, condition.sql, source.origin)
    found = await session.fetch_values(statement, task_ids=list(task_ids), **condition.values, **source.values)
    return set(found)


async def entries(
    session: DbSession, caller: Caller, *, project: UUID | None, text: str, only_due: bool, most: int
) -> list[str]:
    """What a calendar shows, as JSON texts: of the tasks that fit the filter so many, the latest due first."""
    seen_from = Standpoint(utc_now(), zone_named(caller.timezone), caller.id)
    source = sources.of_caller(caller, Reach.of(caller), None if project is None else ById(project))
    narrowing = Not(Clause("due", Operator.EMPTY)) if only_due else EVERY_TASK
    meant = await meaning.read(
        session, Wish(TaskFilter(), seen_from, "due", narrowing, also=text, also_at="/filter"), source
    )
    condition = compiled(meant.tree, {**DIRECT.fields, **meant.fields})
    statement = statements.entries(DIRECT, condition.sql, source.origin)
    values = {**condition.values, **source.values}
    return await session.fetch_values(statement, most=most, reminders_of=caller.id, **values)


async def fetch_groups(session: DbSession, params: TaskFilter, wish: Wish, source: Source) -> list[Group]:
    meant = await meaning.read(session, wish, source)
    asked = Asked(meant.tree, wish.sort, meant.fields, meant.sort_types)
    grouping = grouping_of(params, wish.seen_from, asked)
    rows = await session.fetch_rows(
        statements.groups(grouping.shapes, source.origin), **source.values, **grouping.values, **meant.sort_values
    )
    groups = grouped(rows, params.limit)
    if len(groups) > MAX_GROUPS:
        raise TooManyGroups(MAX_GROUPS)
    return groups


def zone_of(params: TaskConditions, account: str) -> ZoneInfo:
    """The time zone in which the parameters mean their days."""
    return zone_named(params.tz or account)


def asks_for_fields(params: TaskConditions) -> bool:
    """Whether the list needs to know any custom field."""
    return bool(params.fields) or custom_fields.PREFIX in f"{params.sort} {params.filter}".lower()


async def _groups_with_html(session: DbSession, params: TaskFilter, found: list[Group]) -> list[Group]:
    if Expand.DESCRIPTION_HTML not in params.expand:
        return found
    await session.close()
    plain = [row["body"] for group in found for row in group.first.rows]
    bodies = iter(await markdown.with_html(plain, "description", Expand.DESCRIPTION_HTML))
    return [replace(group, first=group.first.showing([*islice(bodies, len(group.first.rows))])) for group in found]


async def _with_html(session: DbSession, params: TaskFilter, found: Slice) -> Slice:
    if Expand.DESCRIPTION_HTML not in params.expand:
        return found
    await session.close()
    bodies = await markdown.with_html([row["body"] for row in found.rows], "description", Expand.DESCRIPTION_HTML)
    return found.showing(bodies)
