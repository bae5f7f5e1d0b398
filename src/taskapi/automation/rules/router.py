"""/projects/{project}/rules.

What writes is for sessions alone: a rule goes on acting for its owner when the API token that made it would be gone.
"""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.automation.rules import service
from taskapi.automation.rules.errors import TooManyRules
from taskapi.automation.rules.schemas import RuleCreate, RuleFilter, RuleRead, RuleUpdate
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, IdTaken
from taskapi.core.http import pages
from taskapi.core.http.answers import created, no_content, resource
from taskapi.core.http.convertors import register_anything_but
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page
from taskapi.projects.errors import ProjectArchived
from taskapi.tasks.errors import InvalidFilter, UnknownReference

_PATH = "/api/v1/projects/{project}/rules"
routes = router(_PATH, "rules", resource=Resource.TASKS)
writing = router(_PATH, "rules")
_WRITING = (Forbidden, ProjectArchived, InvalidFilter, UnknownReference)

register_anything_but(["dry-run"], "rule")


@routes.get("", response_model=Page[RuleRead])
async def list_rules(
    project: ProjectPath, session: ReadSession, caller: CurrentUser, params: Annotated[RuleFilter, query(RuleFilter)]
) -> Response:
    """List the rules of a project, in the order in which they act."""
    return pages.respond(params, await service.list_rules(session, caller, project, params))


@writing.post("", status_code=201, response_model=RuleRead, responses=problems(*_WRITING, TooManyRules, IdTaken))
async def create_rule(project: ProjectPath, body: RuleCreate, session: WriteSession, caller: CurrentUser) -> Response:
    """Make a rule: after these kinds of changes, where the task fits the filter then, do these actions.

    It acts with your rights, soon after a change, and through no other door than you would: limits of statuses and what
    a project asks of its tasks hold for it. A project has 50 rules at most. API tokens cannot write rules.
    """
    rule = await service.create_rule(session, caller, project, body)
    return created(rule, f"/api/v1/projects/{project}/rules/{rule.fields()['id']}")


@routes.get("/{rule_id:rule}", response_model=RuleRead)
async def get_rule(project: ProjectPath, rule_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get one rule."""
    return resource(await service.get_rule(session, caller, project, rule_id))


@writing.patch("/{rule_id:rule}", response_model=RuleRead, responses=problems(*_WRITING))
async def update_rule(
    project: ProjectPath,
    rule_id: UUID,
    body: RuleUpdate,
    session: WriteSession,
    caller: CurrentUser,
    if_match: IfMatch = None,
) -> Response:
    """Change a rule, put it to rest or wake it; from then on it is yours, and acts with your rights."""
    return resource(await service.update_rule(session, caller, project, rule_id, body, if_match))


@writing.delete("/{rule_id:rule}", status_code=204, responses=problems(Forbidden, ProjectArchived))
async def delete_rule(
    project: ProjectPath, rule_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Delete a rule, for good, and what is kept of its runs."""
    await service.delete_rule(session, caller, project, rule_id, if_match)
    return no_content()
