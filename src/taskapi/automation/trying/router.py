"""/projects/{project}/rules/dry-run, and /{rule_id}/dry-run."""

from uuid import UUID

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.automation.rules.schemas import RuleWish
from taskapi.automation.trying import service
from taskapi.automation.trying.schemas import Trial
from taskapi.core.errors import Forbidden
from taskapi.core.http.answers import text_answer
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import WriteSession
from taskapi.tasks.errors import InvalidFilter, UnknownReference

routes = router("/api/v1/projects/{project}/rules", "rules")


@routes.post("/dry-run", response_model=Trial, responses=problems(Forbidden, InvalidFilter, UnknownReference))
async def dry_run_rule_wish(
    project: ProjectPath, body: RuleWish, session: WriteSession, caller: CurrentUser
) -> Response:
    """Try a rule before it is saved: what it would do now about the last 100 changes of its kinds. Nothing is written.

    Tasks are looked at as they are now, each by itself; what would follow from what the rule does is not shown.
    """
    return text_answer((await service.try_wish(session, caller, project, body)).model_dump_json())


@routes.post("/{rule_id}/dry-run", response_model=Trial, responses=problems(Forbidden, InvalidFilter))
async def dry_run_rule(
    project: ProjectPath, rule_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Try a rule that is there: what it would do now, as if it were yours, about the last 100 changes of its kinds."""
    return text_answer((await service.try_rule(session, caller, project, rule_id, if_match)).model_dump_json())
