"""Projects in SQL. The caller's membership is part of every statement: what cannot be seen is not found."""

from datetime import datetime
from functools import lru_cache
from typing import Final, NotRequired, TypedDict
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Label,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    delete,
    exists,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from taskapi.core.access.reach import Reach, join_members, membership, project_columns, role
from taskapi.core.db.statements import Expression, One, Statement, as_json, as_text, contains, prepare
from taskapi.core.http.references import ById, Reference
from taskapi.core.lists import sorting
from taskapi.core.lists.paging import PageRow, count_statement, list_text, page_of
from taskapi.core.lists.sorting import Key, Keyset, SortColumn
from taskapi.core.resources.document import Versioned
from taskapi.core.resources.records import Record
from taskapi.models import Member, Project, ProjectCounter, ProjectRole, Status, Task, User
from taskapi.projects.errors import StatusKeyTaken
from taskapi.projects.schemas import ProjectFilter


class Archivable(TypedDict):
    """Of a project, or of something in it."""

    archived_at: datetime | None


class ProjectRow(Versioned, Archivable):
    """A project as it was loaded for a caller, with the caller's role."""

    id: UUID
    key: str
    role: str
    project_id: NotRequired[UUID]
    project_key: NotRequired[str]


class PurgedRow(TypedDict):
    id: UUID
    body: str


def _body(of_caller: Expression) -> Label[str]:
    fields: dict[str, Expression] = {
        "id": Project.id,
        "key": Project.key,
        "name": Project.name,
        "description": Project.description,
        "color": Project.color,
        "archived": Project.archived_at.is_not(None),
        "role": of_caller,
        "created_by": Project.created_by,
        "created_at": Project.created_at,
        "updated_at": Project.updated_at,
        "deleted_at": Project.deleted_at,
        "version": Project.version,
    }
    return as_json(fields).label("body")


def body_text(reach: Reach) -> str:
    """The same for statements that are put together from texts, over `projects` and, for a member, `members`."""
    return as_text(_body(role(reach)).element)


CREATE = prepare(
    insert(Project).returning(_body(literal(ProjectRole.OWNER.value, Text)), Project.version),
    "id",
    "key",
    "name",
    "description",
    "color",
    "created_by",
    "created_at",
    "updated_at",
    row=Versioned,
)
CREATE_COUNTER = prepare(insert(ProjectCounter), "project_id")


def _key_is_taken() -> StatusKeyTaken:
    return StatusKeyTaken("Choose another key")


STATUS: Final = Record(
    "status",
    Status,
    fields={
        "id": Status.id,
        "key": Status.key,
        "name": Status.name,
        "category": Status.category,
        "position": Status.position,
        "wip_limit": Status.wip_limit,
        "version": Status.version,
    },
    within="project_id",
    given=("id", "project_id", "key", "name", "category", "position", "wip_limit"),
    sorts={"position": SortColumn(Status.position)},
    conflicts=dict.fromkeys(("uq_statuses_project_id_key", "uq_statuses_project_id_key_category"), _key_is_taken),
)


def named(reference: Reference) -> dict[str, object]:
    """The values that find this project."""
    return {"project_id": reference.id} if isinstance(reference, ById) else {"project_key": reference.key}


@lru_cache(32)
def one_project(by: str, reach: Reach, *, trashed: bool | None, lock: bool) -> Statement[ProjectRow]:
    """One project, with the caller's role. `trashed` None: wherever it is."""
    place = [] if trashed is None else [Project.deleted_at.is_not(None) if trashed else Project.deleted_at.is_(None)]
    of_caller = role(reach)
    statement = join_members(
        select(
            Project.id,
            Project.key,
            Project.version,
            Project.archived_at,
            of_caller.label("role"),
            _body(of_caller),
            *project_columns(reach),
        )
        .select_from(Project)
        .where(
            Project.id == bindparam("project_id") if by == ById.by else Project.key == bindparam("project_key"),
            *place,
        ),
        reach,
    )
    return prepare(statement.with_for_update(key_share=True, of=Project) if lock else statement, row=ProjectRow)


@lru_cache(64)
def change(fields: tuple[str, ...]) -> Statement[Versioned]:
    return prepare(
        update(Project)
        .where(Project.id == bindparam("of_project"))
        .values(version=Project.version + 1)
        .returning(_body(bindparam("role", type_=Text)), Project.version),
        *fields,
        "updated_at",
        row=Versioned,
    )


_SORTS = {
    "name": SortColumn(Project.name_order),
    "key": SortColumn(Project.key),
    "created_at": SortColumn(Project.created_at),
    "updated_at": SortColumn(Project.updated_at),
}
_ID = Key.of(Project.id)


def _matches(filters: frozenset[str], reach: Reach, *, archived: bool, trashed: bool) -> ColumnElement[bool]:
    conditions: dict[str, ColumnElement[bool]] = {
        "role": Member.role == any_(bindparam("role", type_=ARRAY(Text))),
        "q": or_(contains(Project.name, "q"), contains(Project.key, "q")),
    }
    place = (
        Project.deleted_at.is_not(None)
        if trashed
        else and_(
            Project.deleted_at.is_(None),
            Project.archived_at.is_not(None) if archived else Project.archived_at.is_(None),
        )
    )
    return and_(membership(reach), place, *(conditions[name] for name in sorted(filters)))


@lru_cache(32)
def _listed(filters: frozenset[str], reach: Reach, *, archived: bool, trashed: bool) -> str:
    statement = select(_body(Member.role)).join(Member, Member.project_id == Project.id)
    return list_text(statement.where(_matches(filters, reach, archived=archived, trashed=trashed)))


def page(
    filters: frozenset[str], reach: Reach, params: tuple[str, int, bool, bool], *, continues: bool
) -> Statement[PageRow]:
    """`params` are sort, rows, archived and trashed."""
    sort, rows, archived, trashed = params
    keyset = Keyset.of(sorting.parse(sort), _SORTS, _ID)
    return page_of(_listed(filters, reach, archived=archived, trashed=trashed), keyset, rows, continues=continues)


@lru_cache(64)
def count(filters: frozenset[str], reach: Reach, *, archived: bool, trashed: bool) -> Statement[One[int]]:
    statement = select(Project.id).join(Member, Member.project_id == Project.id)
    return count_statement(statement.where(_matches(filters, reach, archived=archived, trashed=trashed)))


def values(params: ProjectFilter) -> dict[str, object]:
    given: dict[str, object] = {}
    if params.role:
        given["role"] = [str(role) for role in params.role]
    if params.q:
        given["q"] = params.q
    return given


# Its tasks go first, in small steps; a project without tasks is a few rows.
PURGE_EXPIRED = prepare(
    delete(Project)
    .where(Project.deleted_at < bindparam("before"), ~exists().where(Task.project_id == Project.id))
    .returning(Project.id, _body(null())),
    row=PurgedRow,
)


def _member_body(user_id: Expression) -> ColumnElement[str]:
    """One who is in it, as clients see them. The person is a scalar, so that an INSERT can return it too."""
    names: dict[str, Expression] = {"id": User.id, "username": User.username, "full_name": User.full_name}
    person = select(as_json(names, cast_to_text=False)).where(User.id == user_id).correlate_except(User)
    fields: dict[str, Expression] = {
        "user": person.scalar_subquery(),
        "role": Member.role,
        "joined_at": Member.joined_at,
        "version": Member.version,
    }
    return as_json(fields).label("body")


MEMBER_BODY: Final = _member_body(Member.user_id)
_one_member = and_(Member.project_id == bindparam("of_project"), Member.user_id == bindparam("of_user"))
ADD_MEMBER: Final = prepare(
    insert(Member)
    .values(user_id=bindparam("of_user"))
    .returning(_member_body(bindparam("of_user", type_=Uuid)), Member.version),
    "project_id",
    "role",
    "joined_at",
    row=Versioned,
)
CHANGE_ROLE: Final = prepare(
    update(Member).where(_one_member).values(version=Member.version + 1).returning(MEMBER_BODY, Member.version),
    "role",
    row=Versioned,
)
REMOVE_MEMBER: Final = prepare(delete(Member).where(_one_member))
