"""Projects: changed back, thrown away, brought back."""

from taskapi.changes.reverting.change import Change
from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.resources.document import Document
from taskapi.projects import service as projects
from taskapi.projects.schemas import ProjectUpdate


async def change_back(session: DbSession, caller: Caller, change: Change) -> None:
    now = await _as_left(session, caller, change, Permission.PROJECT_EDIT)
    patch = ProjectUpdate.model_validate(change.wanted(ProjectUpdate.model_fields))
    await projects.update_project(session, caller, str(change.subject_id), patch, now.etag)


async def throw_away(session: DbSession, caller: Caller, change: Change) -> None:
    now = await _as_left(session, caller, change, Permission.PROJECT_DELETE)
    await projects.delete_project(session, caller, str(change.subject_id), now.etag)


async def bring_back(session: DbSession, caller: Caller, change: Change) -> None:
    now = await _as_left(session, caller, change, Permission.PROJECT_DELETE)
    await projects.restore_project(session, caller, str(change.subject_id), now.etag)


async def _as_left(session: DbSession, caller: Caller, change: Change, needs: Permission) -> Document:
    """Wherever it is; locked, so that one at a time takes something back."""
    row = await projects.load(session, caller, str(change.subject_id), needs, trashed=None, lock=True)
    now = Document.of(row)
    change.require_as_left(now.fields())
    return now
