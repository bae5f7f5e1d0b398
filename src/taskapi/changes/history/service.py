"""Histories: for whoever may read the task or the project now, of each kind what they may read."""

from datetime import datetime
from typing import TypeAlias

from taskapi.changes.history import queries
from taskapi.changes.history.schemas import HistoryFilter
from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission
from taskapi.core.access.reach import Reach
from taskapi.core.access.reading import readable_kinds
from taskapi.core.callers import Caller
from taskapi.core.change_log.floor import complete_since
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.db.session import DbSession
from taskapi.core.lists import paging
from taskapi.core.lists.paging import Slice
from taskapi.projects import service as projects
from taskapi.tasks import service as tasks

History: TypeAlias = tuple[Slice, datetime | None]
"""A page, and from when on there is everything."""


async def list_of_task(session: DbSession, caller: Caller, task: str, params: HistoryFilter) -> History:
    """What happened to the task and to what hangs on it, in the projects that the caller is in."""
    place = await tasks.find(session, caller, task, Permission.TASK_READ)
    seen_as = Reach.of(caller)
    found = await paging.fetch(
        session,
        params,
        page=queries.page_of_task(seen_as, params.rows, continues=params.continues),
        count=queries.count_of_task(seen_as),
        **reach.values(caller),
        **_chosen(caller, place["role"], params),
        of_task=place["id"],
        home=place["project_id"],
        key=place["key"],
    )
    return found, await complete_since(session, place["id"], ChangeKind.TASK_CREATED)


async def list_of_project(session: DbSession, caller: Caller, project: str, params: HistoryFilter) -> History:
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    seen_as = Reach.of(caller)
    found = await paging.fetch(
        session,
        params,
        page=queries.page_of_project(seen_as, params.rows, continues=params.continues),
        count=queries.COUNT_OF_PROJECT,
        **reach.values(caller),
        **_chosen(caller, row["role"], params),
        of_project=row["id"],
    )
    return found, await complete_since(session, row["id"], ChangeKind.PROJECT_CREATED)


def _chosen(caller: Caller, role: str, params: HistoryFilter) -> dict[str, object]:
    readable = readable_kinds(caller, role)
    return {
        "kinds": [kind for kind in readable if kind in params.kind] if params.kind else readable,
        "actor": params.actor_id(caller.id),
        "since": params.since,
        "until": params.until,
    }
