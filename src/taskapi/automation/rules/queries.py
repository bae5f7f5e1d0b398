"""Rules in SQL. The project has been loaded with the caller before."""

from datetime import datetime
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, any_, bindparam, cast, func, literal_column, select

from taskapi.automation.rules.schemas import DarkReason
from taskapi.core.access.permissions import GRANTS, Permission
from taskapi.core.db.statements import prepare
from taskapi.core.lists.sorting import SortColumn
from taskapi.core.resources.document import Versioned
from taskapi.core.resources.records import Record
from taskapi.models import Project, Rule, User


class AwakeRow(TypedDict):
    """An active rule whose owner still has the rights, with what its owner acts as."""

    id: UUID
    project_id: UUID
    kinds: list[str]
    filter: str
    actions: str
    owner_id: UUID
    timezone: str
    updated_at: datetime


class WrittenRow(Versioned):
    """A rule that is about to be put to rest, and where it is."""

    project_id: UUID
    key: str


_roles = ", ".join(f"'{role}'" for role, granted in GRANTS.items() if Permission.RULE_MANAGE in granted)
# As text: an INSERT that returns it has no FROM for SQLAlchemy to correlate it with.
_dark_reason: Final[ColumnElement[str | None]] = literal_column(
    f"""(
        SELECT CASE
            WHEN NOT users.is_active OR users.deleted_at IS NOT NULL THEN '{DarkReason.DISABLED}'
            WHEN members.role IS NULL THEN '{DarkReason.LEFT}'
            WHEN members.role NOT IN ({_roles}) THEN '{DarkReason.ROLE}'
        END
        FROM users LEFT JOIN members ON members.user_id = users.id AND members.project_id = rules.project_id
        WHERE users.id = rules.owner_id
    )""",  # noqa: S608 - of words of ours
    Text,
)
RULE: Final = Record(
    "rule",
    Rule,
    fields={
        "id": Rule.id,
        "name": Rule.name,
        "is_active": Rule.is_active,
        "position": Rule.position,
        "kinds": Rule.kinds,
        "filter": Rule.filter,
        "actions": Rule.actions,
        "created_by": Rule.created_by,
        "owner_id": Rule.owner_id,
        "created_at": Rule.created_at,
        "updated_at": Rule.updated_at,
        "version": Rule.version,
    },
    within="project_id",
    given=(
        *("id", "project_id", "name", "is_active", "position", "kinds", "filter", "actions"),
        *("created_by", "owner_id", "created_at", "updated_at"),
    ),
    sorts={
        "position": SortColumn(Rule.position),
        "name": SortColumn(func.reading_order(Rule.name, type_=Text(collation="C"))),
        "created_at": SortColumn(Rule.created_at),
    },
    beside={"dark_reason": _dark_reason},
)
AWAKE: Final = prepare(
    select(
        Rule.id,
        Rule.project_id,
        Rule.kinds,
        Rule.filter,
        cast(Rule.actions, Text).label("actions"),
        Rule.owner_id,
        User.timezone,
        Rule.updated_at,
    )
    .join(User, User.id == Rule.owner_id)
    .where(
        Rule.project_id == any_(bindparam("of_projects", type_=ARRAY(Uuid))),
        Rule.is_active,
        _dark_reason.is_(None),
    )
    .order_by(Rule.position, Rule.created_at, Rule.id),
    row=AwakeRow,
)
WRITTEN_BY: Final = prepare(
    select(*RULE.shown, Rule.project_id, Project.key)
    .join(Project, Project.id == Rule.project_id)
    .where(Rule.owner_id == bindparam("of_user"), Rule.updated_at >= bindparam("since"), Rule.is_active)
    .order_by(Rule.id)
    .with_for_update(of=Rule, key_share=True),
    row=WrittenRow,
)
