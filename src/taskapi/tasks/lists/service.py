"""Lists of tasks, read."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

import pydantic_core

from taskapi.core import markdown
from taskapi.core.access.permissions import Permission
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.http import references
from taskapi.core.lists import paging, sorting
from taskapi.core.lists.paging import Slice
from taskapi.core.lists.sorting import Sort
from taskapi.core.lists.sources import Source
from taskapi.models import FieldType
from taskapi.projects import service as projects
from taskapi.projects.fields.values import Definition, Definitions
from taskapi.tasks import errors
from taskapi.tasks.errors import UnknownField
from taskapi.tasks.filters import custom_fields
from taskapi.tasks.filters.ast import And, Filter
from taskapi.tasks.filters.compile import compiled
from taskapi.tasks.filters.moments import zone_named
from taskapi.tasks.filters.parameters import Standpoint, filter_of
from taskapi.tasks.lists import sources, statements
from taskapi.tasks.lists.access_paths import access_path
from taskapi.tasks.lists.shapes import shape_of
from taskapi.tasks.schemas import Expand, ProjectTaskFilter, TaskConditions, TaskFilter

_NO_FIELDS: Final[Definitions] = {}


async def list_tasks(session: DbSession, caller: Caller, params: TaskFilter) -> Slice:
    """The tasks of all the caller's projects that are not archived; the newest first."""
    source = sources.of_caller(caller, Reach.of(caller), None)
    if asks_for_fields(params, sorted_only=True):
        raise errors.field_needs_a_project()
    found = await fetch(session, params, source, _standpoint(caller, params), default_sort="-created_at")
    return await _with_html(session, params, found)


async def list_project_tasks(session: DbSession, caller: Caller, project: str, params: ProjectTaskFilter) -> Slice:
    """The tasks of one project, in their manual order."""
    reference, standpoint = references.project(project), _standpoint(caller, params)

    async def seen_as(reach: Reach) -> Slice:
        source = sources.of_caller(caller, reach, reference, with_children=params.include_children)
        return await fetch(session, params, source, standpoint, default_sort="rank")

    try:
        found = await seen_as(Reach.of(caller))
    except UnknownField:
        await projects.load(session, caller, project, Permission.TASK_READ)
        if not caller.is_admin:
            raise
        return await seen_as(Reach.ADMINISTRATOR)
    if not found.rows:
        # Only an empty answer asks whether there is such a project at all.
        await projects.load(session, caller, project, Permission.TASK_READ)
        if caller.is_admin:
            found = await seen_as(Reach.ADMINISTRATOR)
    return await _with_html(session, params, found)


async def fetch(
    session: DbSession, params: TaskConditions, source: Source, seen_from: Standpoint, *, default_sort: str
) -> Slice:
    """A page of the source's tasks; for everybody who shows a list of tasks, whoever may see it."""
    tree, sort = filter_of(params, seen_from), params.sort or default_sort
    custom = await _custom_fields(session, params, source) if asks_for_fields(params) else _NO_FIELDS
    for key, texts in params.fields.items():
        tree = And((*_parts(tree), custom_fields.clause(custom[key], texts, seen_from.me)))
    order = sorting.parse(sort)
    path = access_path(tree, order)
    condition = compiled(tree, {**path.fields, **custom_fields.entries(custom.values())} if custom else path.fields)
    by = _sorted_by(order, custom)
    shape = shape_of(params, path, condition.sql, sort, _types(by) if custom else ())
    return await paging.fetch(
        session,
        params,
        page=statements.page(shape, source.origin),
        count=statements.count(path, condition.sql, source.origin),
        **condition.values,
        **_sort_values(by),
        **source.values,
        **source.values_beside,
    )


def asks_for_fields(params: TaskConditions, *, sorted_only: bool = False) -> bool:
    """Whether the list needs to know any custom field."""
    is_sorted = params.sort is not None and custom_fields.PREFIX in params.sort
    return is_sorted or (bool(params.fields) and not sorted_only)


async def _custom_fields(session: DbSession, params: TaskConditions, source: Source) -> Definitions:
    """Those that the parameters name, as the projects that are listed have them."""
    places = {key: f"/query/{custom_fields.PREFIX}{key}" for key in params.fields}
    for term in sorting.parse(params.sort or ""):
        if term.name.startswith(custom_fields.PREFIX):
            places.setdefault(term.name.removeprefix(custom_fields.PREFIX), "/query/sort")
    found = await definitions(session, source, places)
    for key, place in places.items():
        if key not in found:
            raise UnknownField(place, key)
        if found[key] is None:
            raise errors.ambiguous_field(place, key)
    return {key: definition for key, definition in found.items() if definition is not None}


async def definitions(session: DbSession, source: Source, keys: Iterable[str]) -> dict[str, Definition | None]:
    """The custom fields with these keys that the source's projects have; None where they are of several types."""
    rows = await session.fetch_rows(statements.definitions(source.origin), keys=sorted(set(keys)), **source.values)
    found: dict[str, Definition | None] = {}
    for row in rows:
        options = {option["key"]: option["name"] for option in pydantic_core.from_json(row["options"])}
        field = Definition(row["key"], row["key"], FieldType(row["type"]), required=False, options=options)
        known = found.setdefault(field.key, field)
        if known is not None and known.type is not field.type:
            found[field.key] = None
        elif known is not None:
            found[field.key] = replace(known, options={**field.options, **known.options})
    return found


def _sorted_by(order: Sort, custom: Definitions) -> list[Definition | None]:
    """By the terms of the order: the custom field that it names."""
    return [custom.get(term.name.removeprefix(custom_fields.PREFIX)) if "." in term.name else None for term in order]


def _types(by: Sequence[Definition | None]) -> tuple[FieldType | None, ...]:
    return tuple(None if field is None else field.type for field in by)


def _sort_values(by: Sequence[Definition | None]) -> dict[str, object]:
    named = [custom_fields.sort_values(field, place) for place, field in enumerate(by) if field is not None]
    return {name: value for values in named for name, value in values.items()}


def _parts(tree: Filter) -> tuple[Filter, ...]:
    return tree.parts if isinstance(tree, And) else (tree,)


def zone_of(params: TaskConditions, account: str) -> ZoneInfo:
    """The time zone in which the parameters mean their days."""
    return zone_named(params.tz or account)


async def _with_html(session: DbSession, params: TaskFilter, found: Slice) -> Slice:
    if Expand.DESCRIPTION_HTML not in params.expand:
        return found
    await session.close()
    bodies = await markdown.with_html([row["body"] for row in found.rows], "description", Expand.DESCRIPTION_HTML)
    return found.showing(bodies)


def _standpoint(caller: Caller, params: TaskConditions) -> Standpoint:
    return Standpoint(utc_now(), zone_of(params, caller.timezone), caller.id)
