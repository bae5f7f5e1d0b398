"""Lists of tasks: one statement for each shape of filter, compiled when that shape first comes.

For each project of the caller a lateral subquery walks that project's index in the order asked, and stops after
one page; so a list costs a page for each project, not the number of tasks, and `/tasks` and the list of one project
are the same statement.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from taskapi.core.access import reach as reaches
from taskapi.core.access.reach import Reach, membership
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.statements import Statement, as_json, prepare
from taskapi.core.http import references
from taskapi.core.http.references import ById, Reference
from taskapi.core.lists import sorting
from taskapi.core.lists.sorting import Keyset, SortColumn
from taskapi.models import Member, Project, StatusCategory, Task, TaskAssignee, TaskPlace, TaskRecency, TaskSearch
from taskapi.projects.share_links import queries as share_links
from taskapi.tasks.queries import expansions, task_fields
from taskapi.tasks.schemas import Expand, TaskConditions, TaskFilter

Condition = ColumnElement[bool]
_NOBODY: Final[ColumnElement[Any]] = literal_column("'{}'::uuid[]")
_LINKS: Final = frozenset({Reach.LINK, Reach.UNLOCKED_LINK})
_WITHOUT_MEMBERSHIP: Final = _LINKS | {Reach.ADMINISTRATOR}
_CLOSED: Final = (StatusCategory.DONE, StatusCategory.CANCELLED)
_RECENCY: Final = and_(TaskRecency.project_id == Task.project_id, TaskRecency.task_id == Task.id)
_PLACE: Final = and_(TaskPlace.project_id == Task.project_id, TaskPlace.task_id == Task.id)


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides the text of the statement; everything else is a parameter."""

    filters: frozenset[str]
    project: str | None
    reach: Reach
    sort: str
    limit: int
    continues: bool
    paged: bool
    expand: frozenset[Expand]


def shape_of(params: TaskConditions, project: Reference | None, reach: Reach, default_sort: str) -> Shape:
    return Shape(
        filters=_filters(params),
        project=project.by if project is not None else None,
        reach=reach,
        sort=params.sort or default_sort,
        limit=params.limit,
        continues=params.cursor is not None,
        paged=params.page is not None,
        expand=frozenset(params.expand) if isinstance(params, TaskFilter) else frozenset(),
    )


@lru_cache(512)
def page(shape: Shape) -> Statement[Any]:
    start, home = _starting_from(shape.reach)
    inner = _matching(shape).where(Task.project_id == home).correlate(home.table)
    keyset, joined = _walked(shape)
    inner = inner.where(*joined)
    if shape.continues:
        inner = inner.where(keyset.after())
    rows: ColumnElement[Any] = literal_column(str(shape.limit + 1))
    offset = bindparam("offset", type_=Integer)
    task = inner.order_by(*keyset.order).limit(rows + offset if shape.paged else rows).lateral("task")
    found = (
        select(task, Project.key.label("project_key"))
        .select_from(start.join(task, true()))
        .where(_in(shape.project, shape.reach))
        .order_by(*_keyset(shape, task.c).order)
        .limit(rows)
    )
    # Rendered above the limit: the rows that an offset skips are not made into JSON first.
    shown = (found.offset(offset) if shape.paged else found).subquery("shown").c
    fields = {**task_fields(shown, shown.project_key), **expansions(shown, shape.expand)}
    order = _keyset(shape, shown)
    statement = select(as_json(fields).label("body"), *order.position).order_by(*order.order)
    if shape.reach is Reach.LINK:  # an unlocked one was noted with its password
        statement = statement.add_cte(share_links.noted(unlocked=False))
    return prepare(statement)


def _keyset(shape: Shape, task: Any) -> Keyset:  # noqa: ANN401 - columns named as Task's
    return Keyset.of(sorting.parse(shape.sort), _sorts(task), task.id)


def _walked(shape: Shape) -> tuple[Keyset, list[Condition]]:
    """The order that tasks are found in, and what it joins: the narrow tables have the orders that `tasks` has not."""
    sort, columns = sorting.parse(shape.sort), _sorts(Task)
    if sort[0].name == "updated_at":
        columns["updated_at"] = SortColumn(TaskRecency.updated_at)
        return Keyset.of(sort, columns, TaskRecency.task_id), [_RECENCY]
    if _on_board(shape):
        columns |= {"rank": SortColumn(TaskPlace.rank), "created_at": SortColumn(TaskPlace.created_at)}
        return Keyset.of(sort, columns, TaskPlace.task_id), [_PLACE, TaskPlace.status == bindparam("status")]
    return _keyset(shape, Task), []


def _on_board(shape: Shape) -> bool:
    """Whether this is one column of a board, in one of the orders that boards have."""
    return "status" in shape.filters and sorting.parse(shape.sort)[0].name in {"rank", "created_at"}


@lru_cache(256)
def count(filters: frozenset[str], project: str | None, reach: Reach) -> Statement[Any]:
    conditions = [_CONDITIONS[name]() for name in sorted(filters)]
    start, home = _starting_from(reach)
    living = and_(Task.project_id == home, Task.deleted_at.is_(None))
    return prepare(
        select(func.count()).select_from(start.join(Task.__table__, living)).where(_in(project, reach), *conditions)
    )


def values(params: TaskConditions, caller: Caller | None, project: Reference | None) -> dict[str, Any]:
    """The parameters of `page` and `count`."""
    now = utc_now()
    given = params.model_dump(exclude_none=True, include=_PLAIN)
    for name in ("status", "status_category", "priority"):
        chosen = [str(value) for value in getattr(params, name)]
        given[name] = chosen[0] if len(chosen) == 1 else chosen
    given["assignees"] = [_person(value, caller) for value in params.assignee if value != "none"]
    given["creators"] = [_person(value, caller) for value in params.creator]
    given |= {"now": now, "today": now.date()}
    if caller is not None:
        given |= reaches.values(caller)
    parent = _parent(params)
    if isinstance(parent, ById):
        given["parent_id"] = parent.id
    elif parent is not None:
        given |= {"parent_key": parent.key, "parent_number": parent.number}
    if isinstance(project, ById):
        given["project_id"] = project.id
    elif project is not None:
        given["project_key"] = project.key
    return given


_PLAIN: Final = {"due_before", "due_after", "date", "updated_since", "q"}


def _parent(params: TaskConditions) -> Reference | None:
    return references.task(params.parent) if params.parent and params.parent != "none" else None


def _person(value: str, caller: Caller | None) -> UUID:
    return caller.id if value == "me" and caller is not None else UUID(value)


def _filters(params: TaskConditions) -> frozenset[str]:
    """The names of the conditions that apply; a choice of one is told from a choice of many, which no index orders."""
    names = {name for name in _PLAIN if getattr(params, name) is not None}
    for name in ("status", "status_category", "priority"):
        if chosen := getattr(params, name):
            names.add(name if len(chosen) == 1 else f"{name}:many")
    if params.assignee:
        somebody, nobody = any(v != "none" for v in params.assignee), "none" in params.assignee
        names.add("assignee:any_or_none" if somebody and nobody else "assignee:none" if nobody else "assignee:any")
    if params.creator:
        names.add("creator")
    if params.parent is not None:
        parent = _parent(params)
        names.add("parent:none" if parent is None else "parent:id" if isinstance(parent, ById) else "parent:key")
    for name in ("open", "overdue"):
        if (flag := getattr(params, name)) is not None:
            names.add(name if flag else f"{name}:not")
    return frozenset(names)


def _matching(shape: Shape) -> Any:  # noqa: ANN401 - a Select of all columns
    # The board's own status stands for the task's: PostgreSQL would take the two for two conditions, and expect few.
    names = shape.filters - {"status"} if _on_board(shape) else shape.filters
    return select(Task.__table__).where(Task.deleted_at.is_(None), *(_CONDITIONS[name]() for name in sorted(names)))


def _starting_from(reach: Reach) -> tuple[Any, Any]:
    """The projects that the caller reaches, and the column that tasks are found by."""
    projects, members = Project.__table__, Member.__table__
    if reach in _WITHOUT_MEMBERSHIP:
        return projects, projects.c.id
    return members.join(projects, projects.c.id == members.c.project_id), members.c.project_id


def _in(project: str | None, reach: Reach) -> Condition:
    if reach in _LINKS:
        return share_links.shows_project(unlocked=reach is Reach.UNLOCKED_LINK)
    mine: Condition = Project.deleted_at.is_(None)
    if reach is not Reach.ADMINISTRATOR:
        mine = and_(membership(reach), mine)
    if project is None:
        return and_(mine, Project.archived_at.is_(None))
    if project == ById.by:
        return and_(mine, Project.id == bindparam("project_id"))
    return and_(mine, Project.key == bindparam("project_key"))


def _sorts(task: Any) -> dict[str, SortColumn]:  # noqa: ANN401 - Task, or columns named so
    return {
        "rank": SortColumn(task.rank),
        "number": SortColumn(task.number),
        "title": SortColumn(task.title),
        "priority": SortColumn(task.priority),
        "due": SortColumn(task.due_first, task.due_last),
        "created_at": SortColumn(task.created_at),
        "updated_at": SortColumn(task.updated_at),
    }


def _open() -> Condition:
    return and_(*(Task.status_category != category for category in _CLOSED))


def _overdue() -> Condition:
    is_past = or_(
        Task.due_at < bindparam("now", type_=DateTime(timezone=True)), Task.due_on < bindparam("today", type_=Date)
    )
    return and_(_open(), func.coalesce(is_past, literal_column("false")))


def _on_day() -> Condition:
    """Due that day; or begun by then, and neither past its due date nor, without one, completed before."""
    day = bindparam("date", type_=Date)
    due_day = func.coalesce(Task.due_on, cast(func.timezone(literal_column("'UTC'"), Task.due_at), Date))
    last_day = func.coalesce(due_day, cast(func.timezone(literal_column("'UTC'"), Task.completed_at), Date), day)
    return or_(due_day == day, and_(Task.start_on <= day, last_day >= day))


def _parent_by_key() -> Condition:
    parent, parents_project = Task.__table__.alias("parent"), Project.__table__.alias("parents_project")
    return Task.parent_id == (
        select(parent.c.id)
        .join(parents_project, parents_project.c.id == parent.c.project_id)
        .where(
            parent.c.project_id == Task.project_id,
            parents_project.c.key == bindparam("parent_key"),
            parent.c.number == bindparam("parent_number"),
        )
        .correlate(Task)
        .scalar_subquery()
    )


def _any_assignee() -> Condition:
    return Task.assignee_ids.bool_op("&&")(bindparam("assignees", type_=ARRAY(Uuid)))


def _assigned() -> Condition:
    return exists().where(
        TaskAssignee.user_id == any_(bindparam("assignees", type_=ARRAY(Uuid))),
        TaskAssignee.project_id == Task.project_id,
        TaskAssignee.task_id == Task.id,
    )


def _found_by_text() -> Condition:
    query = func.websearch_to_tsquery(literal_column("'english'::regconfig"), bindparam("q", type_=Text))
    return Task.id.in_(select(TaskSearch.task_id).where(TaskSearch.document.bool_op("@@")(query)))


_CONDITIONS: Final[dict[str, Callable[[], Condition]]] = {
    "status": lambda: Task.status == bindparam("status"),
    "status:many": lambda: Task.status == any_(bindparam("status", type_=ARRAY(Text))),
    "status_category": lambda: Task.status_category == bindparam("status_category"),
    "status_category:many": lambda: Task.status_category == any_(bindparam("status_category", type_=ARRAY(Text))),
    "priority": lambda: Task.priority == bindparam("priority"),
    "priority:many": lambda: cast(Task.priority, Text) == any_(bindparam("priority", type_=ARRAY(Text))),
    "open": _open,
    "open:not": lambda: not_(_open()),
    "assignee:any": _assigned,
    "assignee:none": lambda: Task.assignee_ids == _NOBODY,
    "assignee:any_or_none": lambda: or_(_any_assignee(), Task.assignee_ids == _NOBODY),
    "creator": lambda: Task.created_by == any_(bindparam("creators", type_=ARRAY(Uuid))),
    "parent:none": lambda: Task.parent_id.is_(None),
    "parent:id": lambda: Task.parent_id == bindparam("parent_id"),
    "parent:key": _parent_by_key,
    "due_before": lambda: Task.due_first < bindparam("due_before"),
    # What has no due date folds to infinity: it is due before and after nothing.
    "due_after": lambda: and_(Task.due_first > bindparam("due_after"), Task.due_first < literal_column("'infinity'")),
    "overdue": _overdue,
    "overdue:not": lambda: not_(_overdue()),
    "date": _on_day,
    "updated_since": lambda: and_(_RECENCY, TaskRecency.updated_at >= bindparam("updated_since")),
    "q": _found_by_text,
}
