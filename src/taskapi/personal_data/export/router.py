"""GET /users/me/export."""

from fastapi import Request
from fastapi.responses import StreamingResponse

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.http.answers import NO_STORE
from taskapi.core.http.route import router
from taskapi.core.parts import parts
from taskapi.personal_data.export import service

routes = router("/api/v1/users", "users")

_ZIP = "application/zip"
_ARCHIVE = {"description": "A ZIP archive", "content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}}
_HEADERS = {"Cache-Control": NO_STORE, "Content-Disposition": 'attachment; filename="taskapi-export.zip"'}


@routes.get("/me/export", response_class=StreamingResponse, responses={200: _ARCHIVE})
async def export_me(request: Request, user: CurrentUser) -> StreamingResponse:
    """Export everything that is held about you. It comes as a ZIP of NDJSON files, one JSON document a line.

    Your profile, sessions, API tokens (without their secrets), ways to sign in, memberships, the tasks you made or
    are assigned to, your reminders, the time you worked, what you changed, and what others changed about you.
    """
    return StreamingResponse(service.archive(parts(request).database, user), media_type=_ZIP, headers=_HEADERS)
