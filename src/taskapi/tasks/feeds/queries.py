"""Calendar feeds in SQL, beside what their record has: opened by a token, and read with the rights of the owner."""

from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, delete, or_, select, update

from taskapi.core.db.statements import Expression, prepare
from taskapi.core.lists.sorting import SortColumn
from taskapi.core.resources.document import Versioned
from taskapi.core.resources.records import Record
from taskapi.models import Feed, Member, Project, User


class OpenedRow(TypedDict):
    """A feed whose owner is there, and what the owner is called by in it."""

    id: UUID
    user_id: UUID
    timezone: str
    label: str | None
    project_id: UUID | None
    project_name: str | None
    filter: str | None
    kind: str


FEED_FIELDS: Final[dict[str, Expression]] = {
    "id": Feed.id,
    "label": Feed.label,
    "project_id": Feed.project_id,
    "filter": Feed.filter,
    "kind": Feed.kind,
    "created_at": Feed.created_at,
    "version": Feed.version,
}
FEED: Final = Record(
    "feed",
    Feed,
    fields=FEED_FIELDS,
    within="user_id",
    given=("id", "user_id", "token_hash", "label", "project_id", "filter", "kind", "created_at"),
    sorts={"created_at": SortColumn(Feed.created_at)},
    beside={"last_used_at": Feed.last_used_at},
)
_mine: ColumnElement[bool] = Feed.user_id == bindparam("of_user")
FORGET: Final = prepare(delete(Feed).where(_mine).returning(*FEED.shown), row=Versioned)
FORGET_SINCE: Final = prepare(
    delete(Feed).where(_mine, Feed.created_at >= bindparam("since")).returning(*FEED.shown), row=Versioned
)
_this = Feed.token_hash == bindparam("token_hash")
# Its use, to the minute, in the statement that opens it. Nobody waits for a statistic.
_to_note = (
    select(Feed.id)
    .where(_this, or_(Feed.last_used_at.is_(None), Feed.last_used_at < bindparam("noted_before")))
    .with_for_update(skip_locked=True, of=Feed)
    .scalar_subquery()
)
_note = update(Feed).where(Feed.id == _to_note).values(last_used_at=bindparam("now")).returning(Feed.id)
# What the project is called is for its members; the others' feed is empty.
_project_name = (
    select(Project.name)
    .join(Member, and_(Member.project_id == Project.id, Member.user_id == Feed.user_id))
    .where(Project.id == Feed.project_id, Project.deleted_at.is_(None))
    .correlate(Feed)
    .scalar_subquery()
)
_open = (
    select(
        *(Feed.id, Feed.user_id, User.timezone, Feed.label, Feed.project_id),
        *(_project_name.label("project_name"), Feed.filter, Feed.kind),
    )
    .join(User, and_(User.id == Feed.user_id, User.is_active))
    .where(_this)
)
OPEN: Final = prepare(_open.add_cte(_note.cte("noted")), row=OpenedRow)
OPEN_UNNOTED: Final = prepare(_open, row=OpenedRow)
