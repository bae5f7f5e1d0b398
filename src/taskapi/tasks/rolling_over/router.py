"""/projects/{project}/cycles/{cycle_id}/roll-over."""

from uuid import UUID

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden
from taskapi.core.http.answers import json_answer
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import WriteSession
from taskapi.projects.cycles.errors import NoNextCycle
from taskapi.projects.errors import ProjectArchived
from taskapi.tasks.rolling_over import service
from taskapi.tasks.rolling_over.schemas import NEXT, RolledOver, RollOver

routes = router("/api/v1/projects/{project}/cycles/{cycle_id}", "projects", resource=Resource.TASKS)


@routes.post("/roll-over", response_model=RolledOver, responses=problems(Forbidden, ProjectArchived, NoNextCycle))
async def roll_cycle_over(
    project: ProjectPath,
    cycle_id: UUID,
    session: WriteSession,
    caller: CurrentUser,
    body: RollOver = NEXT,
    if_match: IfMatch = None,
) -> Response:
    """Move the open tasks of a cycle to the next one, or to the one you name. Finished tasks stay."""
    return json_answer(await service.roll_over(session, caller, project, cycle_id, body, if_match))
