"""Favourites and the order of one's projects. They are told to nobody, and are gone with the membership."""

from uuid import UUID

from taskapi.core.access import reach as reaches
from taskapi.core.access.permissions import Permission
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Invalid
from taskapi.core.http import references
from taskapi.core.http.references import ById
from taskapi.projects import service as projects
from taskapi.projects.preferences import queries


async def mark(session: DbSession, caller: Caller, project: str, *, is_favourite: bool) -> None:
    """Twice is as good as once. An administrator who is no member has no list that shows it."""
    reference = references.project(project)
    named = {"of_project_id": reference.id} if isinstance(reference, ById) else {"of_key": reference.key}
    statement = queries.mark(reference.by, Reach.of(caller))
    marked = await session.fetch_value(statement, **named, marked=is_favourite, **reaches.values(caller))
    if marked is None:
        # An administrator learns by this whether there is such a project, and leaves a fact.
        await projects.load(session, caller, project, Permission.PROJECT_READ)
        raise references.no_project()


async def order(session: DbSession, caller: Caller, ids: list[UUID]) -> None:
    whose, reach = reaches.values(caller), Reach.of(caller)
    mine = set(await session.fetch_values(queries.among(reach), ids=ids, **whose))
    for index, project_id in enumerate(ids):
        if project_id not in mine:
            detail = "There is no such project, or you are not in it"
            raise Invalid(detail, (f"/project_ids/{index}", "unknown_project", detail))
    await session.run(queries.order(reach), ids=ids, **whose)
