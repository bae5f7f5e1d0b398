"""Share links in SQL: for project admins who were loaded with the project before, and for whoever has one."""

from datetime import datetime
from functools import lru_cache
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    and_,
    any_,
    bindparam,
    cast,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.dml import ReturningUpdate

from taskapi.core.access.permissions import GRANTS, Permission
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.db.statements import Expression, One, Statement, as_json, as_text, prepare
from taskapi.core.lists.paging import PageRow, count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.core.lists.sources import Origin
from taskapi.core.resources.document import Versioned
from taskapi.models import Event, Member, Project, ProjectRole, ShareLink, Status, SystemRole, User


class RevokedRow(TypedDict):
    """A link that opens nothing any more, and where it was."""

    id: UUID
    project_id: UUID
    key: str


class OpenedLinkRow(RevokedRow):
    """A link that was opened, and when the last time."""

    last_used_at: datetime | None


class OpenedRow(TypedDict):
    """A link that opens, with the project that it shows as JSON text."""

    id: UUID
    password_hash: str | None
    timezone: str
    """Of who made it: days mean theirs."""
    last_used_at: datetime | None
    body: str


_managers = ",".join(role for role in ProjectRole if Permission.SHARE_LINK_MANAGE in GRANTS[role])
_MANAGERS: Final[ColumnElement[object]] = literal_column(f"'{{{_managers}}}'::text[]")
_maker, _making = User.__table__.alias("maker"), Member.__table__.alias("making")
# A scalar, and no EXISTS, which the planner may answer by hashing the whole table.
_makers_role = (
    select(_making.c.role)
    .where(_making.c.project_id == ShareLink.project_id, _making.c.user_id == _maker.c.id)
    .correlate(ShareLink, _maker)
    .scalar_subquery()
)
# A link shows what its maker may show now: it is dark while their account is disabled, or they manage no more.
_stands = (
    exists()
    .where(
        _maker.c.id == ShareLink.created_by,
        _maker.c.is_active,
        or_(
            _maker.c.role == SystemRole.ADMIN,
            _makers_role == any_(_MANAGERS),
        ),
    )
    .correlate(ShareLink)
)
_unexpired = or_(ShareLink.expires_at.is_(None), ShareLink.expires_at > bindparam("now"))
_opens = and_(ShareLink.token_hash == bindparam("token_hash"), ShareLink.revoked_at.is_(None), _unexpired, _stands)

# For statements about files: the project whose files a link shows that opens.
PROJECT_WITH_FILES: Final = select(ShareLink.project_id).where(_opens, ShareLink.attachments).scalar_subquery()
_FIELDS: dict[str, Expression] = {
    "id": ShareLink.id,
    "label": ShareLink.label,
    "has_password": ShareLink.password_hash.is_not(None),
    "attachments": ShareLink.attachments,
    "expires_at": ShareLink.expires_at,
    "created_by": ShareLink.created_by,
    "created_at": ShareLink.created_at,
    "last_used_at": ShareLink.last_used_at,
    "version": ShareLink.version,
}
_BODY: Final = as_json({**_FIELDS, "active": and_(_unexpired, _stands)}).label("body")
CREATE: Final = prepare(
    insert(ShareLink).returning(as_json({**_FIELDS, "active": literal_column("true")}).label("body")),
    "id",
    "project_id",
    "label",
    "token_hash",
    "password_hash",
    "attachments",
    "expires_at",
    "created_by",
    "created_at",
    row=One[str],
)
_of_project = and_(ShareLink.project_id == bindparam("project_id"), ShareLink.revoked_at.is_(None))
_one = select(_BODY, ShareLink.version).where(_of_project, ShareLink.id == bindparam("link_id"))
ONE: Final = prepare(_one, row=Versioned)
LOCKED: Final = prepare(_one.with_for_update(of=ShareLink, key_share=True), row=Versioned)
REVOKE: Final = prepare(
    update(ShareLink)
    .where(ShareLink.project_id == bindparam("of_project"), ShareLink.id == bindparam("link_id"))
    .values(revoked_at=bindparam("now"), version=ShareLink.version + 1)
)
REVOKE_MADE_BY: Final = prepare(
    update(ShareLink)
    .where(
        ShareLink.created_by == bindparam("of_user"),
        ShareLink.created_at >= bindparam("since"),
        ShareLink.revoked_at.is_(None),
        Project.id == ShareLink.project_id,
    )
    .values(revoked_at=bindparam("now"), version=ShareLink.version + 1)
    .returning(ShareLink.id, ShareLink.project_id, Project.key),
    row=RevokedRow,
)
_opened = Event.__table__.alias("opened")
# By what is told, and not by when: the worker may look on the next day.
NOT_TOLD: Final = prepare(
    select(ShareLink.id, ShareLink.project_id, Project.key, ShareLink.last_used_at)
    .join(Project, Project.id == ShareLink.project_id)
    .where(
        ShareLink.last_used_at > bindparam("since"),
        ~exists().where(
            _opened.c.subject_id == ShareLink.id,
            _opened.c.kind == ChangeKind.SHARE_LINK_OPENED.value,
            cast(_opened.c.changes[("last_used_at", "1")].astext, DateTime(timezone=True))
            >= func.date_trunc("day", ShareLink.last_used_at, literal_column("'UTC'")),
        ),
    )
    .order_by(ShareLink.id)
    .limit(literal_column("500")),
    row=OpenedLinkRow,
)
COUNT: Final = count_statement(select(ShareLink.id).where(_of_project))
_newest_first = Keyset.of(
    (Term("created_at", descending=True),), {"created_at": SortColumn(ShareLink.created_at)}, ShareLink.id
)


@lru_cache(64)
def page(limit: int, *, continues: bool) -> Statement[PageRow]:
    return page_statement(select(_BODY).where(_of_project), _newest_first, limit, continues=continues)


def _note(*, unlocked: bool) -> ReturningUpdate[object]:
    """Part of a statement that reads by a link: its use, to the minute. Nobody waits for a statistic."""
    to_note = (
        select(ShareLink.id)
        .where(
            _opens,
            *(() if unlocked else (ShareLink.password_hash.is_(None),)),
            or_(ShareLink.last_used_at.is_(None), ShareLink.last_used_at < bindparam("noted_before")),
        )
        .with_for_update(skip_locked=True, of=ShareLink)
        .scalar_subquery()
    )
    return (
        update(ShareLink).where(ShareLink.id == to_note).values(last_used_at=bindparam("now")).returning(ShareLink.id)
    )


@lru_cache(4)
def origin(*, unlocked: bool, note: bool) -> Origin:
    """Lists of the one project that the link of `token_hash` opens.

    `unlocked` where it was opened before; else it must have no password. `note`: its use, with the list.
    """
    unasked = () if unlocked else (ShareLink.password_hash.is_(None),)
    shown = select(ShareLink.project_id).where(_opens, *unasked).scalar_subquery()
    return Origin(
        start="projects",
        home="projects.id",
        condition=as_text(and_(Project.id == shown, Project.deleted_at.is_(None))),
        beside="" if not note else f"noted AS ({as_text(_note(unlocked=False))})",
    )


_status = as_json(
    {"key": Status.key, "name": Status.name, "category": Status.category, "position": Status.position},
    cast_to_text=False,
)
_statuses = (
    select(
        func.coalesce(
            func.json_agg(aggregate_order_by(_status, Status.position, Status.id)), literal_column("'[]'::json")
        )
    )
    .where(Status.project_id == Project.id)
    .correlate(Project)
    .scalar_subquery()
)
_open = (
    select(
        ShareLink.id,
        ShareLink.password_hash,
        select(User.timezone).where(User.id == ShareLink.created_by).scalar_subquery().label("timezone"),
        ShareLink.last_used_at,
        as_json(
            {
                "id": Project.id,
                "key": Project.key,
                "name": Project.name,
                "description": Project.description,
                "color": Project.color,
                "archived": Project.archived_at.is_not(None),
                "attachments": ShareLink.attachments,
                "statuses": _statuses,
            }
        ).label("body"),
    )
    .join(Project, and_(Project.id == ShareLink.project_id, Project.deleted_at.is_(None)))
    .where(_opens)
)
OPEN = prepare(_open.add_cte(_note(unlocked=False).cte("noted")), row=OpenedRow)
OPEN_UNNOTED = prepare(_open, row=OpenedRow)
NOTE = prepare(select(literal_column("1")).add_cte(_note(unlocked=True).cte("noted")))
