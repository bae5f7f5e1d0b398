"""/changes/{change_id}/revert and /changes/batches/{batch_id}/revert."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.changes.reverting import service
from taskapi.changes.reverting.errors import ChangedSince, NotRevertible
from taskapi.changes.reverting.schemas import Reverted
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden
from taskapi.core.http.answers import text_answer
from taskapi.core.http.problems import problems
from taskapi.core.http.route import router
from taskapi.core.http.transaction import WriteSession
from taskapi.projects.errors import NotInTrash, ProjectArchived
from taskapi.projects.statuses.errors import WipLimitReached

routes = router("/api/v1/changes", "changes", resource=Resource.TASKS)
_ERRORS = (Forbidden, ProjectArchived, ChangedSince, NotRevertible, NotInTrash, WipLimitReached)


@routes.post("/{change_id}/revert", response_model=Reverted, responses=problems(*_ERRORS))
async def revert_change(
    change_id: Annotated[UUID, Path(description="The id of the change")], session: WriteSession, user: CurrentUser
) -> Response:
    """Take a change back, by a new one: fields get their earlier values, what was made goes, what went comes back.

    Your role is asked as it would be if you did so by hand. Where later changes touched the same fields, it is a 409
    that lists them.
    """
    return text_answer(await service.revert_change(session, user, change_id))


@routes.post("/batches/{batch_id}/revert", response_model=Reverted, responses=problems(*_ERRORS))
async def revert_batch(
    batch_id: Annotated[UUID, Path(description="The `batch_id` of changes that happened in one step")],
    session: WriteSession,
    user: CurrentUser,
) -> Response:
    """Take back all that happened in one step, such as a bulk change: all of it, or nothing."""
    return text_answer(await service.revert_batch(session, user, batch_id))
