"""Lists of tasks in SQL: a statement for each shape, joined from texts.

For each project that is shown a lateral subquery walks that project's index in the order asked, and stops after one
page; so a list costs a page for each project, not the number of tasks, and `/tasks` and the list of one project are
the same statement.

Shapes are without number, so nothing is compiled for one: bodies, origins and conditions are texts already, and to
join them takes some fifty microseconds, where compiling the whole took five milliseconds of the event loop.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import Text, column, select, table

from taskapi.core.db.statements import Expression, One, Statement, as_json, as_text, prepare_text
from taskapi.core.lists.groups import GroupRow
from taskapi.core.lists.paging import MAX_COUNTED, PageRow
from taskapi.core.lists.sources import Origin
from taskapi.models import Task
from taskapi.tasks.calendars.queries import calendar_fields
from taskapi.tasks.expansions import expansions
from taskapi.tasks.lists.access_paths import AccessPath
from taskapi.tasks.lists.grouping import GroupShape, Keys
from taskapi.tasks.lists.shapes import Shape, keyset
from taskapi.tasks.queries import task_fields
from taskapi.tasks.schemas import Expand

MAX_GROUPS: Final = 100
_COMMON: Final = MAX_COUNTED + 1
"""No group is counted further."""
_LOOKED_AT: Final = 10 * MAX_COUNTED
_COLUMNS: Final = list(Task.__table__.c)
_READ: Final = ", ".join(f"tasks.{column.name}" for column in _COLUMNS)
_SHOWN: Final = table("shown", *(column(c.name, c.type) for c in _COLUMNS), column("project_key", Text))

# Rows become JSON in the outermost SELECT: those that OFFSET skips, and the one that is too many, do not.
_PAGE: Final = """
{beside}
SELECT {body} AS body, {position}
FROM (
    SELECT task.*, projects.key AS project_key
    FROM {start}
    CROSS JOIN LATERAL (
        SELECT {columns}
        FROM {tables}
        WHERE {project} = {home} AND tasks.deleted_at IS NULL AND ({condition}){after}
        ORDER BY {order_of_tasks}
        LIMIT {depth}
    ) AS task
    WHERE {start_condition}
    ORDER BY {order_of_task}
    LIMIT {rows} OFFSET {offset}
) AS shown
ORDER BY {order_of_shown}
"""
# The same along a table that has all projects' tasks in the order asked: it is read until there is a page.
_LED_PAGE: Final = """
SELECT {body} AS body, {position}
FROM (
    SELECT {columns}, projects.key AS project_key
    FROM {tables} JOIN ({start}) ON {home} = {project}
    WHERE tasks.deleted_at IS NULL AND {start_condition} AND ({condition}){after}
    ORDER BY {order_of_tasks}
    LIMIT {rows} OFFSET {offset}
) AS shown
ORDER BY {order_of_shown}
"""
# A page and a count for each group; `seen` are the projects of the list, read once.
_GROUPS: Final = """
WITH seen AS MATERIALIZED (SELECT {home} AS id FROM {start} WHERE {start_condition}){counted}
SELECT * FROM ({branches}) AS found
ORDER BY place NULLS LAST, key, nth
"""
_GROUP: Final = """
SELECT keys.key, keys.place, keys.counted, page.*
FROM (
    SELECT keys.*, counted.counted
    FROM ({keys}) AS keys
    CROSS JOIN LATERAL ({count}) AS counted
    WHERE {stays}
    ORDER BY keys.place NULLS LAST, keys.key
    LIMIT {most_groups}
) AS keys
LEFT JOIN LATERAL (
    SELECT {body} AS body, row_number() OVER (ORDER BY {order_of_shown}) AS nth, {position}
    FROM (
        SELECT task.*, projects.key AS project_key
        FROM seen JOIN projects ON projects.id = seen.id
        CROSS JOIN LATERAL ({first}) AS task
        ORDER BY {order_of_task}
        LIMIT {rows}
    ) AS shown
) AS page ON keys.counted > 0
"""
_COUNT_OF_GROUP: Final = """
    SELECT count(*) AS counted
    FROM (
        SELECT
        FROM seen
        CROSS JOIN {tables}
        WHERE {project} = seen.id AND tasks.deleted_at IS NULL AND ({condition}) AND ({belongs})
        LIMIT {most}
    ) AS counted
"""
# Where a group has no table of its own, counting it reads the projects. So all are counted at once in what is read
# first, which is mostly all; a group that has few in that is counted alone only where more was not read.
_COUNTED_AT_ONCE: Final = """,
at_once AS MATERIALIZED (
    SELECT key, count(*) AS counted
    FROM (
        SELECT {of_task} AS key
        FROM seen
        CROSS JOIN {tables}
        WHERE {project} = seen.id AND tasks.deleted_at IS NULL AND ({condition})
        LIMIT {looked_at}
    ) AS read_first
    GROUP BY key
),
looked AS MATERIALIZED (SELECT coalesce(sum(counted), 0) < {looked_at} AS at_all FROM at_once)
"""
_COUNT_AT_ONCE: Final = """
    SELECT CASE
        WHEN looked.at_all OR found.counted >= {most} THEN least(found.counted, {most}) ELSE ({alone})
    END AS counted
    FROM looked, (
        SELECT coalesce((SELECT at_once.counted FROM at_once WHERE at_once.key = keys.key), 0) AS counted
    ) AS found
"""
_FIRST: Final = """
    SELECT {columns}
    FROM {tables}
    WHERE {project} = seen.id AND tasks.deleted_at IS NULL AND ({condition}) AND ({belongs})
    ORDER BY {order_of_tasks}
    LIMIT {rows}
"""
_COUNT: Final = """
SELECT count(*)
FROM (
    SELECT
    FROM {start}
    CROSS JOIN {tables}
    WHERE {project} = {home} AND tasks.deleted_at IS NULL AND {start_condition} AND ({condition})
    LIMIT {most}
) AS counted
"""


# Fewer than the 300 that the driver keeps prepared on each connection: what is known here is mostly known there, and
# beside it all other statements of the service have room.
@lru_cache(128)
def page(shape: Shape, origin: Origin) -> Statement[PageRow]:
    """One page, with one row more than asked: it tells that there is more."""
    tasks = keyset(shape.sort, "tasks", shape.path, shape.sort_types)
    task, shown = (keyset(shape.sort, name, sort_types=shape.sort_types) for name in ("task", "shown"))
    rows, offset = str(shape.rows + 1), "$offset::integer"
    template = _LED_PAGE if shape.path.leads else _PAGE
    sql = template.format(
        beside=origin.beside and f"WITH {origin.beside}",
        body=_body(shape.expand),
        position=shown.position,
        start=origin.start,
        columns=_READ,
        tables=shape.path.tables,
        project=shape.path.project,
        home=origin.home,
        condition=shape.condition,
        after=f" AND {tasks.after}" if shape.continues else "",
        order_of_tasks=tasks.order,
        depth=f"{rows} + {offset}" if shape.paged else rows,
        start_condition=origin.condition,
        order_of_task=task.order,
        rows=rows,
        offset=offset if shape.paged else "0",
        order_of_shown=shown.order,
    )
    return prepare_text(sql, row=PageRow)


@lru_cache(64)
def groups(shapes: tuple[GroupShape, ...], origin: Origin) -> Statement[GroupRow]:
    """The first page of each group, with one row more than asked, and how many tasks it has as far as that is told."""
    assert not origin.beside, "who comes by a link is shown no groups"
    branches = " UNION ALL ".join(f"({_group(shape.page, shape.keys)})" for shape in shapes)
    counted = "".join(_counted_at_once(shape.page, shape.keys) for shape in shapes if shape.keys.of_task)
    sql = _GROUPS.format(
        home=origin.home, start=origin.start, start_condition=origin.condition, counted=counted, branches=branches
    )
    return prepare_text(sql, row=GroupRow)


def _group(shape: Shape, keys: Keys) -> str:
    tasks = keyset(shape.sort, "tasks", shape.path, shape.sort_types)
    task, shown = (keyset(shape.sort, name, sort_types=shape.sort_types) for name in ("task", "shown"))
    return _GROUP.format(
        keys=keys.sql,
        count=_count_of_group(shape, keys),
        stays="true" if keys.stay else "counted.counted > 0",
        most_groups=MAX_GROUPS + 1,
        body=_body(shape.expand),
        position=shown.position,
        first=_first_of_group(shape, keys, tasks.order),
        order_of_task=task.order,
        order_of_shown=shown.order,
        rows=shape.rows + 1,
    )


def _counted_at_once(shape: Shape, keys: Keys) -> str:
    return _COUNTED_AT_ONCE.format(**_read_from(shape), of_task=keys.of_task, looked_at=_LOOKED_AT)


def _count_of_group(shape: Shape, keys: Keys) -> str:
    alone = _COUNT_OF_GROUP.format(**_read_from(shape), belongs=keys.belongs, most=_COMMON)
    return _COUNT_AT_ONCE.format(alone=alone, most=_COMMON) if keys.of_task else alone


def _first_of_group(shape: Shape, keys: Keys, order: str) -> str:
    """Two ways to it, of which only one is gone: the other has a condition that is false before anything is read."""
    read = {**_read_from(shape), "columns": _READ, "order_of_tasks": order, "rows": shape.rows + 1}
    if not keys.belongs_walked:
        return _FIRST.format(**read, belongs=keys.belongs)
    walked = _FIRST.format(**read, belongs=f"keys.counted >= {_COMMON} AND {keys.belongs_walked}")
    looked_up = _FIRST.format(**read, belongs=f"keys.counted < {_COMMON} AND {keys.belongs}")
    return f"({walked}) UNION ALL ({looked_up})"


def _read_from(shape: Shape) -> dict[str, str]:
    return {"tables": shape.path.tables, "project": shape.path.project, "condition": shape.condition}


@lru_cache(128)
def count(path: AccessPath, condition: str, origin: Origin) -> Statement[One[int]]:
    """How many rows the list has, as far as a client is told."""
    sql = _COUNT.format(
        tables=path.tables,
        project=path.project,
        start=origin.start,
        home=origin.home,
        start_condition=origin.condition,
        condition=condition,
        most=MAX_COUNTED + 1,
    )
    return prepare_text(sql, row=One[int])


@lru_cache(64)
def ids(path: AccessPath, condition: str, origin: Origin) -> Statement[One[UUID]]:
    """Which tasks the list has, `$most` of them."""
    sql = f"""
        SELECT tasks.id
        FROM {origin.start}
        CROSS JOIN {path.tables}
        WHERE {path.project} = {origin.home} AND tasks.deleted_at IS NULL AND {origin.condition} AND ({condition})
        LIMIT $most::integer
    """  # noqa: S608 - of texts of ours
    return prepare_text(sql, row=One[UUID])


def among(path: AccessPath, condition: str, origin: Origin) -> Statement[One[UUID]]:
    """Which of `$task_ids` the list has."""
    sql = f"""
        SELECT tasks.id
        FROM {origin.start}
        CROSS JOIN {path.tables}
        WHERE {path.project} = {origin.home} AND tasks.deleted_at IS NULL AND {origin.condition} AND ({condition})
            AND tasks.id = ANY ($task_ids::uuid[])
    """  # noqa: S608 - of texts of ours
    return prepare_text(sql, row=One[UUID])


@lru_cache(64)
def entries(path: AccessPath, condition: str, origin: Origin) -> Statement[One[str]]:
    """What a calendar shows of the list's tasks, `$most` of them, the latest due first."""
    sql = f"""
        SELECT {_rendered(calendar_fields(_SHOWN.c, _SHOWN.c.project_key))} AS body
        FROM (
            SELECT {_READ}, projects.key AS project_key
            FROM {origin.start}
            CROSS JOIN {path.tables}
            WHERE {path.project} = {origin.home} AND tasks.deleted_at IS NULL AND {origin.condition} AND ({condition})
            ORDER BY tasks.due_last DESC, tasks.id
            LIMIT $most::integer
        ) AS shown
        ORDER BY shown.due_last DESC, shown.id
    """  # noqa: S608 - of texts of ours
    return prepare_text(sql, row=One[str])


class DefinitionRow(TypedDict):
    key: str
    type: str
    options: str


@lru_cache(16)
def definitions(origin: Origin) -> Statement[DefinitionRow]:
    """The custom fields with these keys, of the projects that are shown."""
    sql = f"""
        SELECT DISTINCT fields.key, fields.type, fields.options::text AS options
        FROM {origin.start} JOIN fields ON fields.project_id = {origin.home}
        WHERE {origin.condition} AND fields.key = ANY ($keys::text[])
        ORDER BY 1, 2, 3
    """  # noqa: S608 - of texts of ours
    return prepare_text(sql, row=DefinitionRow)


@lru_cache(1 << len(Expand))
def _body(expand: frozenset[Expand]) -> str:
    shown = _SHOWN.c
    return _rendered({**task_fields(shown, shown.project_key), **expansions(shown, expand)})


def _rendered(fields: Mapping[str, Expression]) -> str:
    # As part of a SELECT, so that the subqueries of what is expanded refer to its row.
    body, _, _ = as_text(select(as_json(fields)).select_from(_SHOWN)).removeprefix("SELECT ").rpartition(" AS ")
    return body
