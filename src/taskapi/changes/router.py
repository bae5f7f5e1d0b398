"""GET /changes/kinds."""

from typing import Final

from starlette.responses import Response

from taskapi.auth.dependencies import AnyCaller
from taskapi.changes import markers
from taskapi.changes.markers import Marker
from taskapi.changes.reverting.service import UNDO
from taskapi.changes.schemas import ChangeKindRead, ChangeKinds
from taskapi.core.access.reading import READING
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.errors import Unauthorized
from taskapi.core.http.answers import text_answer
from taskapi.core.http.problems import problems
from taskapi.core.http.route import router

routes = router("/api/v1/changes", "changes")


def _told(kind: ChangeKind) -> ChangeKindRead:
    needs = READING[kind]
    return ChangeKindRead(
        kind=kind,
        subject=kind.subject,
        description=kind.description,
        permission=needs.permission,
        scope=needs.scope,
        revertible=kind in UNDO,
    )


def _marker(marker: Marker) -> ChangeKindRead:
    return ChangeKindRead(
        kind=marker,
        subject="project",
        description=marker.description,
        permission=markers.PERMISSION,
        scope=markers.SCOPE,
        revertible=False,
    )


_ALL: Final = ChangeKinds(
    items=[*(_told(kind) for kind in ChangeKind), *(_marker(marker) for marker in Marker)]
).model_dump_json()


@routes.get("/kinds", response_model=ChangeKinds, responses=problems(Unauthorized))
async def list_change_kinds(_: AnyCaller) -> Response:
    """List every kind of change there is, and what a reader of it needs.

    A change has one of these kinds whichever way it was made: a task that a PATCH closes is completed, too.
    `project.lost` and `project.gained` are told to those who keep a copy, by `GET /changes` and its streams alone.
    """
    return text_answer(_ALL)
