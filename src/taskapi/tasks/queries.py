"""Tasks in SQL. The caller's membership is part of every statement: what cannot be seen is not found."""

from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, NotRequired, TypedDict
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from taskapi.core.access.reach import Reach, join_members, project_columns, role
from taskapi.core.db.statements import Expression, One, Statement, as_json, prepare
from taskapi.core.http.references import ById, Reference
from taskapi.models import (
    Member,
    Project,
    ProjectCounter,
    Status,
    StatusCategory,
    Task,
)
from taskapi.projects.fields.queries import REQUIRED_FIELDS
from taskapi.tasks import ranking
from taskapi.tasks.expansions import expansions
from taskapi.tasks.schemas import Expand


class WrittenRow(TypedDict):
    body: str
    version: int


class ChangedRow(WrittenRow):
    """One of several that were written at once."""

    id: UUID


class VisibleRow(WrittenRow):
    """With the project, where an administrator looks into one that is not theirs."""

    project_id: NotRequired[UUID]
    project_key: NotRequired[str]


class KeptRow(WrittenRow):
    """A locked task, as far as those know it who take it away."""

    id: UUID
    project_key: str


class TaskRow(KeptRow):
    """A locked task, with what the project and the caller's place in it say about a change."""

    project_id: UUID
    archived_at: datetime | None
    role: str
    enters_category: str | None
    enters_limit: int | None


class PlaceRow(TypedDict):
    """A living task, and the caller's place in its project."""

    id: UUID
    project_id: UUID
    project_key: str
    key: str
    archived_at: datetime | None
    role: str


class TargetRow(TypedDict):
    """The project of a new task, and the status that it enters."""

    id: UUID
    key: str
    archived_at: datetime | None
    role: str
    status: str | None
    category: str | None
    wip_limit: int | None
    defaults: str
    requires_fields: bool
    project_id: NotRequired[UUID]
    project_key: NotRequired[str]


class Entering(StrEnum):
    """Which status a new task enters."""

    NAMED = "named"
    DEFAULT = "default"  # the project's, or the first
    FIRST = "first"  # unstarted, or open


class StatusRow(TypedDict):
    key: str
    category: str
    wip_limit: int | None


_DASH: Final[ColumnElement[str]] = literal_column("'-'")
JOINED: Final = and_(Project.id == Task.project_id, Project.deleted_at.is_(None))


def task_fields(task: Any, project_key: Expression) -> dict[str, Expression]:  # noqa: ANN401 - Task, or columns named so
    """The public representation, in the order of `TaskRead`."""
    return {
        "id": task.id,
        "key": project_key + _DASH + cast(task.number, Text),
        "project_id": task.project_id,
        "number": task.number,
        "title": task.title,
        "description": task.description,
        "mentions": task.mentions,
        "status": task.status,
        "status_category": task.status_category,
        "priority": task.priority,
        "start_on": task.start_on,
        "due_on": task.due_on,
        "due_at": task.due_at,
        "estimate": task.estimate,
        "parent_id": task.parent_id,
        "rank": task.rank,
        "assignee_ids": task.assignee_ids,
        "label_ids": task.label_ids,
        "milestone_id": task.milestone_id,
        "cycle_id": task.cycle_id,
        "fields": task.fields,
        "recurrence": task.recurrence,
        "created_by": task.created_by,
        "created_at": task.created_at,
        "updated_at": task.updated_at,
        "completed_at": task.completed_at,
        "deleted_at": task.deleted_at,
        "version": task.version,
    }


_BODY: Final = as_json(task_fields(Task, Project.key)).label("body")
# Where the project's key came with an earlier statement.
_BODY_OF_WRITTEN: Final = as_json(task_fields(Task, bindparam("project_key", type_=Text))).label("body")


MANY: Final = "many"
"""By ids, instead of by one name."""


def is_named(by: str) -> ColumnElement[bool]:
    if by == MANY:
        return Task.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    if by == ById.by:
        return Task.id == bindparam("task_id")
    return and_(Project.key == bindparam("key"), Task.number == bindparam("number"))


def project_named(reference: Reference) -> dict[str, object]:
    return {"project_id": reference.id} if isinstance(reference, ById) else {"key": reference.key}


def named(reference: Reference) -> dict[str, object]:
    """The values that find this task."""
    if isinstance(reference, ById):
        return {"task_id": reference.id}
    return {"key": reference.key, "number": reference.number}


def of_living_task(statement: Select[*tuple[Any, ...]], by: str, reach: Reach) -> Select[*tuple[Any, ...]]:
    """Leave of a statement from `tasks` the one that is named, for whom it reaches; children join theirs before."""
    return join_members(statement.join(Project, JOINED), reach).where(is_named(by), Task.deleted_at.is_(None))


@lru_cache(64)
def visible(by: str, expand: frozenset[Expand], reach: Reach) -> Statement[VisibleRow]:
    """One living task, for whom it reaches."""
    fields = {**task_fields(Task, Project.key), **expansions(Task, expand)}
    statement = (
        select(as_json(fields).label("body"), Task.version, *project_columns(reach))
        .select_from(Task)
        .join(Project, JOINED)
    )
    return prepare(join_members(statement, reach).where(is_named(by), Task.deleted_at.is_(None)), row=VisibleRow)


@lru_cache(32)
def for_update(by: str, reach: Reach, *, trashed: bool | None) -> Statement[TaskRow]:
    """One task, locked, with the caller's role, and the category and limit of the status it enters; or MANY, by id.

    `trashed` None: wherever it is.
    """
    place = [] if trashed is None else [Task.deleted_at.is_not(None) if trashed else Task.deleted_at.is_(None)]
    category, limit = (
        select(column)
        .where(Status.project_id == Task.project_id, Status.key == bindparam("enters", type_=Text))
        .correlate(Task)
        .scalar_subquery()
        for column in (Status.category, Status.wip_limit)
    )
    statement = (
        select(
            Task.id,
            Task.project_id,
            Task.version,
            Project.key.label("project_key"),
            Project.archived_at,
            role(reach).label("role"),
            category.label("enters_category"),
            limit.label("enters_limit"),
            _BODY,
        )
        .select_from(Task)
        .join(Project, JOINED)
    )
    found = join_members(statement, reach).where(is_named(by), *place)
    if by == MANY:
        found = found.order_by(Task.id)
    return prepare(found.with_for_update(key_share=True, of=Task), row=TaskRow)


@lru_cache(8)
def place(by: str, reach: Reach) -> Statement[PlaceRow]:
    """One living task as those need it who are after what hangs on it: where it is, and what the caller is there."""
    columns: list[Expression] = [
        *(Task.id, Project.id.label("project_id"), Project.key.label("project_key"), Project.archived_at),
        *((Project.key + _DASH + cast(Task.number, Text)).label("key"), role(reach).label("role")),
    ]
    statement = select(*columns).select_from(Task).join(Project, JOINED)
    return prepare(join_members(statement, reach).where(is_named(by), Task.deleted_at.is_(None)), row=PlaceRow)


@lru_cache(16)
def project_for_create(by: str, reach: Reach, entering: Entering) -> Statement[TargetRow]:
    """The project, the caller's role, and the status that a new task enters."""
    entered = (
        select(Status.key, Status.category, Status.wip_limit).where(Status.project_id == Project.id).correlate(Project)
    )
    if entering is Entering.NAMED:
        entered = entered.where(Status.key == bindparam("enters"))
    else:
        is_unstarted = Status.category == StatusCategory.UNSTARTED
        is_open = and_(Status.category != StatusCategory.DONE, Status.category != StatusCategory.CANCELLED)
        order = (is_unstarted.desc(), Status.position, Status.id)
        if entering is Entering.DEFAULT:
            # NULL for all of them, where the project says nothing.
            is_default = Status.key == Project.defaults[literal_column("'status'")].astext
            entered = entered.where(or_(is_open, is_default)).order_by(is_default.desc(), *order).limit(1)
        else:
            entered = entered.where(is_open).order_by(*order).limit(1)
    status = entered.lateral("status")
    where = Project.id == bindparam("project_id") if by == ById.by else Project.key == bindparam("key")
    statement = select(
        *(
            Project.id,
            Project.key,
            Project.archived_at,
            role(reach).label("role"),
            cast(Project.defaults, Text).label("defaults"),
        ),
        *(status.c.key.label("status"), status.c.category, status.c.wip_limit),
        *(REQUIRED_FIELDS, *project_columns(reach)),
    ).select_from(Project)
    joined = join_members(statement, reach).outerjoin(status, literal_column("true"))
    return prepare(joined.where(where, Project.deleted_at.is_(None)), row=TargetRow)


_next_number = (
    update(ProjectCounter)
    .where(ProjectCounter.project_id == bindparam("project_id"))
    .values(last_number=ProjectCounter.last_number + 1)
    .returning(ProjectCounter.last_number)
)
_numbered = _next_number.cte("numbered")
_GIVEN: Final = (
    *("id", "project_id", "title", "description", "status", "status_category", "priority", "start_on", "due_on"),
    *("due_at", "estimate", "parent_id", "assignee_ids", "created_by", "created_at", "updated_at", "completed_at"),
    *("label_ids", "milestone_id", "cycle_id", "fields", "mentions"),
)
# Number and row in one statement: the counter's row, on which others wait, is held for as short as can be.
CREATE: Final = prepare(
    insert(Task)
    .from_select(
        [*_GIVEN, "number", "rank"],
        select(
            *(bindparam(name, type_=Task.__table__.c[name].type) for name in _GIVEN),
            _numbered.c.last_number,
            func.lpad(cast(_numbered.c.last_number, Text), literal_column(str(ranking.WIDTH)), literal_column("'0'")),
        ),
    )
    .returning(_BODY_OF_WRITTEN, Task.version),
    row=WrittenRow,
)


@lru_cache(256)
def change(columns: tuple[str, ...]) -> Statement[WrittenRow]:
    return prepare(
        update(Task)
        .where(Task.id == bindparam("of_task"))
        .values(version=Task.version + 1)
        .returning(_BODY_OF_WRITTEN, Task.version),
        *columns,
        row=WrittenRow,
    )


@lru_cache(256)
def change_all(columns: frozenset[str]) -> Statement[ChangedRow]:
    """Sets these columns of many, of each to its own values: `rows` is a JSON list of them with ids and projects."""
    typed = (column(name, Task.__table__.c[name].type) for name in sorted({"id", "project_id", *columns}))
    rows = func.jsonb_to_recordset(bindparam("rows", type_=JSONB)).table_valued(*typed)
    given = rows.render_derived(name="given", with_types=True)
    values = {name: given.c[name] for name in columns}
    return prepare(
        update(Task)
        .where(Task.id == given.c.id, Project.id == given.c.project_id)
        .values(**values, version=Task.version + 1, updated_at=bindparam("now"))
        .returning(Task.id, _BODY, Task.version),
        row=ChangedRow,
    )


# The last of as many new ones.
NEXT_NUMBERS: Final = prepare(
    update(ProjectCounter)
    .where(ProjectCounter.project_id == bindparam("project_id"))
    .values(last_number=ProjectCounter.last_number + bindparam("count", type_=Integer))
    .returning(ProjectCounter.last_number),
    row=One[int],
)

# Locked: whoever leaves the project now waits, and then finds what to take them off.
MEMBERS_AMONG: Final = prepare(
    select(Member.user_id)
    .where(
        Member.project_id == bindparam("project_id"), Member.user_id == any_(bindparam("user_ids", type_=ARRAY(Uuid)))
    )
    .with_for_update(read=True, key_share=True),
    row=One[UUID],
)
_categories = bindparam("categories", type_=ARRAY(Text))
STATUSES: Final = prepare(
    select(Status.key, Status.category, Status.wip_limit).where(
        Status.project_id == bindparam("project_id"), Status.key == any_(bindparam("statuses", type_=ARRAY(Text)))
    ),
    row=StatusRow,
)
FIRST_STATUS: Final = prepare(
    select(Status.key, Status.category, Status.wip_limit)
    .where(Status.project_id == bindparam("project_id"), Status.category == any_(_categories))
    .order_by(func.array_position(_categories, Status.category), Status.position, Status.id)
    .limit(1),
    row=StatusRow,
)
