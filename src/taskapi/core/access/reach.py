"""How far a caller sees, as a part of the statements that find things: nothing beyond it is ever loaded.

Each reach has its own prepared statements. A member's carry nothing of the other two, so what API tokens for some
projects and administrators need costs nobody else a thing, and nobody a second round trip to be told "not found".
"""

from collections.abc import Callable, Collection
from enum import StrEnum
from typing import Any, Final, TypedDict, TypeVar, cast
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, and_, any_, bindparam, literal_column

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import Fact, publish
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import Expression, Statement
from taskapi.models import Member, Project, ProjectRole

_OWNER: Final[ColumnElement[str]] = literal_column(f"'{ProjectRole.OWNER}'")


_R = TypeVar("_R")


class _Accessed(TypedDict):
    project_id: UUID
    project_key: str


class _Identified(TypedDict):
    id: UUID


class Reach(StrEnum):
    MEMBER = "member"
    TOKEN = "token"  # noqa: S105 - a member, by an API token for some projects only
    ADMINISTRATOR = "administrator"  # into projects they are not in; each use of it leaves a fact

    @classmethod
    def of(cls, caller: Caller) -> "Reach":
        """As whom the caller looks first; administrators, too, look as members."""
        return cls.MEMBER if caller.project_ids is None else cls.TOKEN


def membership(reach: Reach, member: Any = Member) -> ColumnElement[bool]:  # noqa: ANN401 - Member, or an alias of it
    """The condition every statement puts on the rows of `members` that it goes by."""
    mine: ColumnElement[bool] = member.user_id == bindparam("caller_id")
    if reach is Reach.TOKEN:
        return and_(mine, member.project_id == any_(bindparam("project_ids", type_=ARRAY(Uuid))))
    return mine


def join_members(statement: Select[Any], reach: Reach) -> Select[Any]:
    """Leave of a statement about projects what the caller reaches."""
    if reach is Reach.ADMINISTRATOR:
        return statement
    return statement.join(Member, and_(Member.project_id == Project.id, membership(reach)))


def role(reach: Reach) -> Expression:
    """The caller's role in the project; administrators act as owners."""
    return _OWNER if reach is Reach.ADMINISTRATOR else Member.role


def project_columns(reach: Reach) -> list[ColumnElement[Any]]:
    """What the fact of an administrator's access is about; `find` reads them."""
    if reach is Reach.ADMINISTRATOR:
        return [Project.id.label("project_id"), Project.key.label("project_key")]
    return []


def values(caller: Caller) -> dict[str, object]:
    """What `membership` asks for."""
    if caller.project_ids is None:
        return {"caller_id": caller.id}
    return {"caller_id": caller.id, "project_ids": list(caller.project_ids)}


async def find(
    session: DbSession,
    caller: Caller,
    statement: Callable[[Reach], Statement[_R]],
    needs: Permission,
    **names: object,
) -> _R | None:
    """One row as a member sees it; what a member would not find, an administrator finds as its owner.

    `names` are the values of the statement that tell which row is meant.
    """
    row = await session.fetch_row(statement(Reach.of(caller)), **values(caller), **names)
    if row is None and caller.is_admin:
        row = await session.fetch_row(statement(Reach.ADMINISTRATOR), **names)
        if row is not None:
            of = cast("_Accessed", row)  # what `project_columns` adds for administrators alone
            _leave_fact(session, caller, of["project_id"], of["project_key"], needs)
    return row


async def find_all(
    session: DbSession,
    caller: Caller,
    statement: Callable[[Reach], Statement[_R]],
    needs: Permission,
    ids: Collection[UUID],
    **names: object,
) -> list[_R]:
    """The same for many by their ids: fewer rows than ids where some are not for the caller to find."""
    rows = await session.fetch_rows(statement(Reach.of(caller)), **values(caller), ids=list(ids), **names)
    if len(rows) < len(ids) and caller.is_admin:
        found = {cast("_Identified", row)["id"] for row in rows}
        others = [wanted for wanted in ids if wanted not in found]
        more = await session.fetch_rows(statement(Reach.ADMINISTRATOR), ids=others, **names)
        for row in more:
            of = cast("_Accessed", row)
            _leave_fact(session, caller, of["project_id"], of["project_key"], needs)
        rows += more
    return rows


def _leave_fact(session: DbSession, caller: Caller, project_id: UUID, project_key: str, needs: Permission) -> None:
    """Not in the transaction of the request: a refused or a tried write has shown what it was about all the same."""
    fact = Fact("admin.access", "project", project_id, {"permission": (None, needs)}, project_id, project_key)

    async def tell(own: DbSession) -> None:
        await publish(own, caller, fact)

    # Once a request and project, however often it looks.
    session.after_end.setdefault(f"admin.access {project_id}", tell)
