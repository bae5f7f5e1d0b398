"""Rules of a project: for everybody in it to read, for its administrators to write, who answer for what they do."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json

from taskapi.auth import accounts
from taskapi.automation.acting import service as acting
from taskapi.automation.acting.schemas import stored
from taskapi.automation.rules import queries
from taskapi.automation.rules.errors import TooManyRules
from taskapi.automation.rules.queries import RULE
from taskapi.automation.rules.schemas import RuleCreate, RuleFilter, RuleUpdate
from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Forbidden
from taskapi.core.ids import new_id
from taskapi.core.lists.paging import Slice
from taskapi.core.resources import reading, writing
from taskapi.core.resources.document import Document
from taskapi.core.resources.records import Place
from taskapi.projects import service as projects
from taskapi.projects.queries import ProjectRow
from taskapi.tasks import service as tasks

_MOST: Final = 50


async def list_rules(session: DbSession, caller: Caller, project: str, params: RuleFilter) -> Slice:
    row = await projects.load(session, caller, project, Permission.TASK_READ)
    return await reading.page(session, RULE, projects.place(row), params, params.sort)


async def get_rule(session: DbSession, caller: Caller, project: str, rule_id: UUID) -> Document:
    row = await projects.load(session, caller, project, Permission.TASK_READ)
    return await reading.find(session, RULE, projects.place(row), rule_id)


async def create_rule(session: DbSession, caller: Caller, project: str, data: RuleCreate) -> Document:
    await accounts.require_access(session, caller)
    # Locked, so that two at once do not pass the bound together.
    row = await load_to_write(session, caller, project, lock=True)
    projects.require_not_archived(row)
    await acting.require_possible(session, caller, row["id"], data.filter, data.actions)
    place = projects.place(row)
    if await session.only_value(RULE.count, of_place=place.id) >= _MOST:
        raise TooManyRules(f"The project has {_MOST} rules; delete one that is not needed")
    now = utc_now()
    values = {
        **data.model_dump(include={"name", "is_active", "position", "kinds", "filter"}),
        "actions": to_json(stored(data.actions)).decode(),
        "id": data.id or new_id(),
        "created_by": caller.id,
        "owner_id": caller.id,
        "created_at": now,
        "updated_at": now,
    }
    return await writing.add(session, caller, RULE, place, values)


async def update_rule(
    session: DbSession, caller: Caller, project: str, rule_id: UUID, data: RuleUpdate, if_match: str | None
) -> Document:
    """Whoever changes a rule answers for all that it does from then on, so it is theirs."""
    await accounts.require_access(session, caller)
    row = await load_to_write(session, caller, project)
    place = projects.place(row)
    before = await reading.hold(session, RULE, place, rule_id, if_match)
    projects.require_not_archived(row)
    changes = _changes(before, data)
    if before.fields()["owner_id"] != str(caller.id):
        changes["owner_id"] = caller.id
    if not changes:
        return before
    # Only what is new: one that cannot act any more can be put to rest, or given another name.
    await acting.require_possible(session, caller, row["id"], data.filter, data.actions)
    return await writing.change(session, caller, RULE, place, before, {**changes, "updated_at": utc_now()})


async def delete_rule(session: DbSession, caller: Caller, project: str, rule_id: UUID, if_match: str | None) -> None:
    row = await projects.load(session, caller, project, Permission.RULE_MANAGE)
    place = projects.place(row)
    rule = await reading.hold(session, RULE, place, rule_id, if_match)
    projects.require_not_archived(row)
    await writing.remove(session, caller, RULE, place, rule)


async def disable_written_by(session: DbSession, caller: Caller, user_id: UUID, since: datetime) -> None:
    """What somebody's account wrote since then: it may have been in other hands, and they would go on acting by it."""
    for row in await session.fetch_rows(queries.WRITTEN_BY, of_user=user_id, since=since):
        place, before = Place(row["project_id"], row["project_id"], row["key"]), Document.of(row, pure=False)
        await writing.change(session, caller, RULE, place, before, {"is_active": False, "updated_at": utc_now()})


async def load_to_write(session: DbSession, caller: Caller, project: str, *, lock: bool = False) -> ProjectRow:
    """The project, for a member alone: a rule acts with the rights that its writer has as one."""
    row = await projects.load(session, caller, project, Permission.RULE_MANAGE, lock=lock)
    if caller.is_admin and not await tasks.members_among(session, row["id"], [caller.id]):
        raise Forbidden(f"A rule acts as a member with the permission {Permission.RULE_MANAGE}: become one first")
    return row


def _changes(before: Document, data: RuleUpdate) -> dict[str, Any]:
    wanted = data.model_dump(mode="json", exclude_unset=True)
    if "actions" in wanted:
        wanted["actions"] = stored(data.actions)
    changes = {name: value for name, value in wanted.items() if before.fields()[name] != value}
    if "actions" in changes:
        changes["actions"] = to_json(changes["actions"]).decode()
    return changes
