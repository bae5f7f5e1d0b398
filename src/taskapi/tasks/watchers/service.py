"""Watching: for every member who may read a task; whoever leaves its project watches it no more."""

from uuid import UUID

from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Forbidden
from taskapi.core.http import references
from taskapi.core.ids import new_id
from taskapi.core.lists import paging
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.core.resources.document import Document
from taskapi.core.resources.records import Place
from taskapi.projects import service as projects
from taskapi.tasks import queries as task_queries
from taskapi.tasks import service as tasks
from taskapi.tasks.watchers import events, queries


async def list_watchers(session: DbSession, caller: Caller, task: str, params: PageParams) -> Slice:
    """By username; only an empty answer asks whether there is such a task at all."""
    reference = references.task(task)

    async def seen_as(looks: Reach) -> Slice:
        return await paging.fetch(
            session,
            params,
            page=queries.page(reference.by, looks, params.rows, continues=params.continues),
            count=queries.count(reference.by, looks),
            **({} if looks is Reach.ADMINISTRATOR else reach.values(caller)),
            **task_queries.named(reference),
        )

    found = await seen_as(Reach.of(caller))
    if found.rows:
        return found
    await tasks.get_task(session, caller, task)
    return await seen_as(Reach.ADMINISTRATOR) if caller.is_admin else found


async def choose(session: DbSession, caller: Caller, task: str, *, watching: bool) -> None:
    """To hear of a task, or not to, whatever part one has in it; to choose the same again changes nothing."""
    # Locked, so that two at once make one choice; and the membership, so that whoever leaves meanwhile ends it.
    row = await tasks.load(session, caller, task, Permission.TASK_READ)
    if caller.id not in await tasks.members_among(session, row["project_id"], [caller.id]):
        raise Forbidden(f"Watching a task needs the permission {Permission.TASK_READ} as a member of its project")
    projects.require_not_archived(row)
    choice = await session.fetch_row(queries.CHOICE, of_task=row["id"], of_user=caller.id)
    here = Place(row["id"], row["project_id"], Document.of(row).fields()["key"])
    if choice is None:
        made = await session.only_row(
            queries.CHOOSE, id=new_id(), task_id=row["id"], user_id=caller.id, watching=watching
        )
        await publish(session, caller, events.chose(here, made))
    elif choice["watching"] is not watching:
        changed = await session.only_row(queries.CHOOSE_AGAIN, of_choice=choice["id"], watching=watching)
        await publish(session, caller, events.chose_again(here, changed))


async def end_watching(session: DbSession, caller: Caller, project: Place, user_id: UUID) -> None:
    """What somebody chose in a project that they leave; a step of it is in memory at a time."""
    rows = None
    while rows is None or len(rows) == queries.STEP:
        rows = await session.fetch_rows(queries.END, of_project=project.id, of_user=user_id)
        places = [Place(row["task_id"], project.project_id, f"{project.key}-{row['number']}") for row in rows]
        facts = [events.ended(place, row) for place, row in zip(places, rows, strict=True)]
        await publish(session, caller, *facts)


async def go_along(session: DbSession, caller: Caller, merged: Place, into: Place) -> None:
    """Whoever hears of a task that is merged into another goes on hearing of that one, if they are in its project.

    Before its comments go there, for their authors hear of it by these. Who has chosen not to hear of the one, and has
    no part in the other, hears of neither; what somebody chose about the other stays as it is.
    """
    assert into.project_id is not None  # it is a task's place
    both = [merged.id, into.id]
    hear = {(row["task_id"], row["user_id"]) for row in await session.fetch_rows(queries.WATCHERS, of_tasks=both)}
    chose = {
        (row["task_id"], row["user_id"]): row["watching"]
        for row in await session.fetch_rows(queries.CHOICES, of_tasks=both)
    }
    wish = {user_id: chose[task_id, user_id] for task_id, user_id in chose if task_id == merged.id}
    wish |= {user_id: True for task_id, user_id in hear if task_id == merged.id}
    members = await tasks.members_among(session, into.project_id, list(wish))
    gone = await session.fetch_rows(queries.END_ALL, of_task=merged.id, user_ids=list(members))
    new = {
        user_id: watching
        for user_id, watching in wish.items()
        if user_id in members and (into.id, user_id) not in hear and (into.id, user_id) not in chose
    }
    made = await session.fetch_rows(
        queries.CHOOSE_ALL,
        of_task=into.id,
        ids=[new_id() for _ in new],
        user_ids=list(new),
        watching=list(new.values()),
    )
    facts = [*(events.ended(merged, row) for row in gone), *(events.chose(into, row) for row in made)]
    await publish(session, caller, *facts)
