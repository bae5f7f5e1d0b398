"""GET /changes."""

from typing import Annotated

from fastapi import Request
from starlette.responses import Response

from taskapi.auth.dependencies import AnyCaller
from taskapi.changes.sync import cursors, service
from taskapi.changes.sync.errors import CursorExpired
from taskapi.changes.sync.schemas import ChangesParams, NextChanges
from taskapi.core.errors import InvalidCursor, NotFound
from taskapi.core.http.answers import text_answer
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.route import router
from taskapi.core.http.transaction import PrimarySession
from taskapi.core.parts import parts

routes = router("/api/v1/changes", "changes")


@routes.get("", response_model=NextChanges, responses=problems(InvalidCursor, NotFound, CursorExpired))
async def list_changes(
    request: Request,
    session: PrimarySession,
    caller: AnyCaller,
    params: Annotated[ChangesParams, query(ChangesParams)],
) -> Response:
    """List what changed since a cursor, in the order of commits and without a gap: all that you may see now.

    Without `since` the answer is empty, and its cursor means "now". Take that first, then load what you want a copy
    of, and go on from the cursor. An API token is told what its scopes and projects allow.

    Two kinds are markers for your copy alone: `project.lost` (forget the project and all in it) and `project.gained`
    (load it whole; what happened there before is not told). With `project` a project that you see no more is a 404.
    """
    of = parts(request)
    found = await service.list_changes(session, of.cursors, of.tail, caller, params)
    items = ",".join([item.body for item in found.items])
    more = "true" if found.has_more else "false"
    return text_answer(
        f'{{"items":[{items}],"next_cursor":"{cursors.write(of.cursors, found.place)}","has_more":{more}}}'
    )
