"""Defaults of a project: merged from a patch and held against the project; and who leaves is none any more."""

from uuid import UUID

import pydantic_core

from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.resources.document import Document, Fields
from taskapi.core.resources.records import Place
from taskapi.core.resources.writing import Values
from taskapi.projects import events
from taskapi.projects.defaults import errors, queries
from taskapi.projects.schemas import ProjectDefaultsUpdate


async def merged(session: DbSession, project_id: UUID, before: Fields, patch: ProjectDefaultsUpdate | None) -> Values:
    """The column, where the patch changes anything. Only what it names is held against the project."""
    named: Fields = {} if patch is None else patch.model_dump(mode="json", exclude_unset=True)
    kept = {} if patch is None else before
    after = {name: value for name, value in {**kept, **named}.items() if value is not None}
    if after == before:
        return {}
    if patch is not None:
        await _require(session, project_id, patch)
    return {"defaults": pydantic_core.to_json(after).decode()}


async def forget_member(session: DbSession, caller: Caller, project: Place, user_id: UUID) -> None:
    """Who left, and comes back one day, is not assigned by a default of long ago."""
    row = await session.fetch_row(queries.FORGET_MEMBER, of_project=project.id, of_user=user_id, now=utc_now())
    if row is None:
        return
    after = Document.of(row).fields()
    before = {**after, "defaults": pydantic_core.from_json(row["defaults_before"])}
    await publish(session, caller, events.project_changed("project.updated", project.id, before, after))


async def _require(session: DbSession, project_id: UUID, patch: ProjectDefaultsUpdate) -> None:
    if patch.status is not None and not await session.fetch_values(
        queries.STATUSES, project_id=project_id, key=patch.status
    ):
        raise errors.unknown_status()
    for ids, statement, unknown in (
        (patch.assignee_ids, queries.MEMBERS, errors.unknown_assignee),
        (patch.label_ids, queries.LABELS, errors.unknown_label),
    ):
        found = set(await session.fetch_values(statement, project_id=project_id, ids=ids)) if ids else set()
        for index, named in enumerate(ids or []):
            if named not in found:
                raise unknown(index)
