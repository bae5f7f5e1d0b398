"""Projects in SQL. The caller's membership is part of every statement: what cannot be seen is not found."""

from datetime import datetime
from functools import lru_cache
from typing import Final, NotRequired, TypedDict
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Label,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from taskapi.core.access.reach import Reach, join_members, membership, project_columns, role
from taskapi.core.db.statements import (
    Expression,
    One,
    Statement,
    as_json,
    as_text,
    contains,
    prepare,
    prepare_text,
)
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
    is_favourite: bool
    project_id: NotRequired[UUID]
    project_key: NotRequired[str]


class PurgedRow(TypedDict):
    id: UUID
    body: str


class OrphanRow(PurgedRow):
    parent_before: UUID


class DepthRow(TypedDict):
    above: int
    below: int
    is_cycle: bool


_NO: Final[ColumnElement[bool]] = literal_column("false")


def project_body(of_caller: Expression, is_favourite: Expression = _NO) -> Label[str]:
    fields: dict[str, Expression] = {
        "id": Project.id,
        "key": Project.key,
        "name": Project.name,
        "description": Project.description,
        "color": Project.color,
        "estimate_unit": Project.estimate_unit,
        "defaults": Project.defaults,
        "archived": Project.archived_at.is_not(None),
        "role": of_caller,
        "is_favourite": is_favourite,
        "is_template": Project.is_template,
        "parent_id": Project.parent_id,
        "created_by": Project.created_by,
        "created_at": Project.created_at,
        "updated_at": Project.updated_at,
        "deleted_at": Project.deleted_at,
        "version": Project.version,
    }
    return as_json(fields).label("body")


def _favourite(reach: Reach) -> Expression:
    return _NO if reach is Reach.ADMINISTRATOR else Member.is_favourite


def body_text(reach: Reach) -> str:
    """The same for statements that are put together from texts, over `projects` and, for a member, `members`."""
    return as_text(project_body(role(reach), _favourite(reach)).element)


CREATE = prepare(
    insert(Project).returning(project_body(literal(ProjectRole.OWNER.value, Text)), Project.version),
    "id",
    "key",
    "name",
    "description",
    "color",
    "estimate_unit",
    "parent_id",
    "is_template",
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
    is_favourite = _favourite(reach)
    statement = join_members(
        select(
            Project.id,
            Project.key,
            Project.version,
            Project.archived_at,
            of_caller.label("role"),
            is_favourite.label("is_favourite"),
            project_body(of_caller, is_favourite),
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
        .returning(
            project_body(bindparam("role", type_=Text), bindparam("is_favourite", type_=Boolean)),
            Project.version,
        ),
        *fields,
        "updated_at",
        row=Versioned,
    )


_SORTS = {
    "position": SortColumn(
        func.coalesce(Member.position, literal_column("2147483647")),
        func.coalesce(Member.position, literal_column("-1")),
    ),
    "name": SortColumn(Project.name_order),
    "key": SortColumn(Project.key),
    "created_at": SortColumn(Project.created_at),
    "updated_at": SortColumn(Project.updated_at),
}
_ID = Key.of(Project.id)


def _matches(filters: frozenset[str], reach: Reach, *, archived: bool, trashed: bool) -> ColumnElement[bool]:
    conditions: dict[str, ColumnElement[bool]] = {
        "role": Member.role == any_(bindparam("role", type_=ARRAY(Text))),
        "favourite": Member.is_favourite == bindparam("favourite", type_=Boolean),
        "root": Project.parent_id.is_(None),
        "parent_id": Project.parent_id == bindparam("parent_id"),
        "template": Project.is_template.is_(true()),
        "no_template": ~Project.is_template,
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
    statement = select(project_body(Member.role, Member.is_favourite)).join(Member, Member.project_id == Project.id)
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


def filters(params: ProjectFilter) -> frozenset[str]:
    """The conditions that a list puts together; `values` has what some of them ask for."""
    asked = set(values(params))
    if params.parent == "none":
        asked.add("root")
    if not (params.trashed or params.archived) or params.template:
        asked.add("template" if params.template else "no_template")
    return frozenset(asked)


def values(params: ProjectFilter) -> dict[str, object]:
    given: dict[str, object] = {}
    if params.favourite is not None:
        given["favourite"] = params.favourite
    if params.parent not in (None, "none"):
        given["parent_id"] = UUID(params.parent)
    if params.role:
        given["role"] = [str(role) for role in params.role]
    if params.q:
        given["q"] = params.q
    return given


# One at a time changes which project is in which: a circle, or a depth, can be made by two who look at different rows.
LOCK_TREE: Final = prepare_text("SELECT true FROM pg_advisory_xact_lock(7305221140284)", row=One[bool])
# How deep the new parent is, how high the project is with all that is below it, and whether the one is below the other.
DEPTH: Final = prepare_text(
    """
    WITH RECURSIVE above AS (
        SELECT id, parent_id, 1 AS depth FROM projects WHERE id = $parent_id::uuid
        UNION ALL
        SELECT p.id, p.parent_id, above.depth + 1 FROM projects p JOIN above ON p.id = above.parent_id
        WHERE above.depth < 10
    ), below AS (
        SELECT id, 1 AS depth FROM projects WHERE id = $of_project::uuid
        UNION ALL
        SELECT p.id, below.depth + 1 FROM projects p JOIN below ON p.parent_id = below.id
        WHERE below.depth < 10
    )
    SELECT
        (SELECT max(depth) FROM above) AS above,
        coalesce((SELECT max(depth) FROM below), 1) AS below,
        EXISTS (SELECT FROM above WHERE id = $of_project::uuid) AS is_cycle
    """,
    row=DepthRow,
)
_parent = Project.__table__.alias("parent")
# Those that are in one that goes for good, as `PURGE_EXPIRED` takes it, stand on their own.
ORPHAN: Final = prepare(
    update(Project)
    .where(
        Project.parent_id == _parent.c.id,
        _parent.c.deleted_at < bindparam("before"),
        ~exists().where(Task.project_id == _parent.c.id),
    )
    .values(parent_id=None, version=Project.version + 1, updated_at=bindparam("now"))
    .returning(Project.id, project_body(null()), _parent.c.id.label("parent_before")),
    row=OrphanRow,
)

# Its tasks go first, in small steps; a project without tasks is a few rows.
PURGE_EXPIRED = prepare(
    delete(Project)
    .where(Project.deleted_at < bindparam("before"), ~exists().where(Task.project_id == Project.id))
    .returning(Project.id, project_body(null())),
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
        "weekly_capacity": Member.weekly_capacity,
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
SET_CAPACITY: Final = prepare(
    update(Member).where(_one_member).values(version=Member.version + 1).returning(MEMBER_BODY, Member.version),
    "weekly_capacity",
    row=Versioned,
)
REMOVE_MEMBER: Final = prepare(
    delete(Member).where(_one_member).returning(Member.weekly_capacity), row=One[float | None]
)
