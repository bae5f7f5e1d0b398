"""Links in SQL. Of each the other task is shown, and what the caller may not see of it takes the link along."""

from functools import lru_cache
from typing import Any, Final, TypedDict
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    column,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from taskapi.core.access.reach import Reach, membership
from taskapi.core.db.statements import Expression, One, Statement, as_json, prepare
from taskapi.core.lists.paging import PageRow, PagesOfOneOrder, count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.core.resources.document import Versioned
from taskapi.models import Member, Project, Task, TaskLink


class LinkedRow(Versioned):
    """A link with the project of the other task."""

    other_project_id: UUID
    other_key: str
    told: str


class WalkRow(TypedDict):
    """How many tasks wait for the target, and whether the source is one of them."""

    tasks: int
    closes_circle: bool


class EndsRow(TypedDict):
    type: str
    source_id: UUID
    target_id: UUID


class DuplicateRow(TypedDict):
    """The link that says of two tasks that one duplicates the other."""

    id: UUID
    source_id: UUID
    told: str


_KEY: Final[Expression] = Project.key + literal_column("'-'") + cast(Task.number, Text)
_OF_TASK: Final = bindparam("of_task", type_=Uuid)
_IS_SOURCE: Final = TaskLink.source_id == _OF_TASK
# The other task. As a CASE, for behind an OR the index of tasks by id is not found.
_OTHER: Final = Task.id == case((_IS_SOURCE, TaskLink.target_id), else_=TaskLink.source_id)
_STORED: Final[dict[str, Expression]] = {
    "id": TaskLink.id,
    "type": TaskLink.type,
    "source_id": TaskLink.source_id,
    "target_id": TaskLink.target_id,
    "created_at": TaskLink.created_at,
    "version": TaskLink.version,
}
_SHOWN: Final = as_json(
    {
        "id": TaskLink.id,
        "type": TaskLink.type,
        "direction": case((_IS_SOURCE, literal_column("'outgoing'")), else_=literal_column("'incoming'")),
        "task_id": Task.id,
        "task": as_json(
            {
                "id": Task.id,
                "key": _KEY,
                "title": Task.title,
                "status": Task.status,
                "status_category": Task.status_category,
            },
            cast_to_text=False,
        ),
        "created_at": TaskLink.created_at,
        "version": TaskLink.version,
    }
).label("body")
# What the log tells: the same from whichever side.
_TOLD: Final = as_json(_STORED)


def _of_task(reach: Reach | None, *columns: Expression) -> Select[Any]:
    """The links of a task whose other task lives, in the same project or in one that the caller is in.

    None: whoever asks has been let into both.
    """
    statement = (
        select(*columns)
        .select_from(TaskLink)
        .join(Task, _OTHER)
        .join(Project, and_(Project.id == Task.project_id, Project.deleted_at.is_(None)))
        .where(or_(_IS_SOURCE, TaskLink.target_id == _OF_TASK), Task.deleted_at.is_(None))
    )
    if reach is None:
        return statement
    is_in_it = exists().where(Member.project_id == Project.id, membership(reach))
    return statement.where(or_(Project.id == bindparam("home", type_=Uuid), is_in_it))


_ORDER: Final = Keyset.of(
    (Term("created_at", descending=False),), {"created_at": SortColumn(TaskLink.created_at)}, TaskLink.id
)


@lru_cache(16)
def pages(reach: Reach) -> PagesOfOneOrder:
    """The links of a task by age."""

    @lru_cache(16)
    def page(rows: int, *, continues: bool) -> Statement[PageRow]:
        return page_statement(_of_task(reach, _SHOWN), _ORDER, rows, continues=continues)

    return page


@lru_cache(4)
def count(reach: Reach) -> Statement[One[int]]:
    return count_statement(_of_task(reach, TaskLink.id))


@lru_cache(4)
def one(reach: Reach | None) -> Statement[LinkedRow]:
    columns = (Project.id.label("other_project_id"), _KEY.label("other_key"), _TOLD.label("told"))
    statement = _of_task(reach, _SHOWN, TaskLink.version, *columns)
    return prepare(statement.where(TaskLink.id == bindparam("of_link")), row=LinkedRow)


# One at a time makes links in the whole service: circles go through any number of projects, and no lock of a task or a
# project is between two who each add another half of one.
QUEUE: Final = prepare(select(func.pg_advisory_xact_lock(literal_column("7233905"), literal_column("1"))))

_links = TaskLink.__table__
_out = _links.alias("out")
_blocks: Final[ColumnElement[str]] = literal_column("'blocks'")
# UNION, so that each task is walked through once, however many ways lead there.
_first = (
    select(_out.c.target_id.label("id"))
    .where(_out.c.source_id == bindparam("target_id", type_=Uuid), _out.c.type == _blocks)
    .cte("blocked", recursive=True)
)
# Looked up task by task: OFFSET 0 keeps PostgreSQL from reading all links into a hash, as it would rather.
_next = (
    select(_out.c.target_id.label("id"))
    .where(_out.c.source_id == _first.c.id, _out.c.type == _blocks)
    .offset(literal_column("0"))
    .correlate(_first)
    .lateral("next")
)
_blocked = _first.union(select(_next.c.id).select_from(_first.join(_next, true())))
# As many as are looked at; more than that is no plan that anybody follows.
FARTHEST: Final = 10_000
_walked = select(_blocked.c.id).limit(literal_column(str(FARTHEST + 1))).subquery("walked")
_is_source = _walked.c.id == bindparam("source_id", type_=Uuid)
WALK: Final = prepare(
    select(
        func.count().label("tasks"),
        func.coalesce(func.bool_or(_is_source), literal_column("false")).label("closes_circle"),
    ).select_from(_walked),
    row=WalkRow,
)
_ends = select(func.unnest(bindparam("of_tasks", type_=ARRAY(Uuid))).label("id")).subquery("ends")
_count = (
    select(func.count())
    .where(or_(TaskLink.source_id == _ends.c.id, TaskLink.target_id == _ends.c.id))
    .correlate(_ends)
    .scalar_subquery()
)
MOST_OF_BOTH: Final = prepare(select(func.max(_count)), row=One[int])
CREATE: Final = prepare(
    insert(TaskLink).returning(_TOLD.label("body"), TaskLink.version),
    *("id", "source_id", "target_id", "type", "created_at"),
    row=Versioned,
)
REMOVE: Final = prepare(
    delete(TaskLink).where(TaskLink.id == bindparam("of_link")).returning(TaskLink.id), row=One[UUID]
)
_these = bindparam("of_tasks", type_=ARRAY(Uuid))
_is_duplicates: Final[ColumnElement[bool]] = TaskLink.type == literal_column("'duplicates'")
# Held, so that it is there when what goes by it is done.
DUPLICATE: Final = prepare(
    select(TaskLink.id, TaskLink.source_id, _TOLD.label("told"))
    .where(_is_duplicates, TaskLink.source_id == any_(_these), TaskLink.target_id == any_(_these))
    .with_for_update(),
    row=DuplicateRow,
)
IS_DUPLICATE: Final = prepare(select(exists().where(_IS_SOURCE, _is_duplicates)), row=One[bool])
FROM_TASKS: Final = prepare(
    select(TaskLink.type, TaskLink.source_id, TaskLink.target_id)
    .where(TaskLink.source_id == any_(_these))
    .order_by(TaskLink.created_at, TaskLink.id),
    row=EndsRow,
)
_COLUMNS: Final = ("id", "source_id", "target_id", "type", "created_at")
_given = (
    func.jsonb_to_recordset(bindparam("rows", type_=JSONB))
    .table_valued(*(column(name, _links.c[name].type) for name in _COLUMNS))
    .render_derived(name="given", with_types=True)
)
CREATE_ALL: Final = prepare(
    insert(TaskLink)
    .from_select(_COLUMNS, select(*(_given.c[name] for name in _COLUMNS)))
    .returning(_TOLD.label("body"), TaskLink.version),
    row=Versioned,
)
