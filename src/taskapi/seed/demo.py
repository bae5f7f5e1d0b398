"""Planting the demo through the services, so that it has the history that people's own work would have."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from taskapi.auth import queries
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.database import unit_of_work
from taskapi.core.db.session import DbSession
from taskapi.core.parts import Parts
from taskapi.models import SystemRole
from taskapi.projects import service as projects
from taskapi.projects.errors import ProjectKeyTaken
from taskapi.projects.members import service as members
from taskapi.projects.members.schemas import MemberCreate
from taskapi.projects.schemas import ProjectCreate
from taskapi.seed.stories import PEOPLE, STORIES, Chore, Person, Story
from taskapi.tasks import service as tasks
from taskapi.tasks.flow import service as flow
from taskapi.tasks.schemas import TaskCreate, TaskUpdate
from taskapi.users import service as users
from taskapi.users.schemas import Register

__all__ = ["PASSWORD", "PEOPLE", "Added", "plant"]

PASSWORD = "walk around and try it"  # noqa: S105 - printed for everybody to use; production gets another
_FIRST_STATUSES = frozenset({"backlog", "todo"})

Callers = dict[str, Caller]


@dataclass(slots=True)
class Added:
    people: int = 0
    projects: int = 0
    tasks: int = 0


async def plant(parts: Parts, password: str) -> Added:
    """Add what is missing. A project is there with all its tasks or not at all."""
    added = Added()
    callers: Callers = {}
    for person in PEOPLE:
        user_id = await _find(parts, person)
        if user_id is None:
            user_id = await _register(parts, person, password)
            added.people += 1
        callers[person.username] = Caller(user_id, SystemRole.USER)
    for story in STORIES:
        if await _tell(parts, story, callers):
            added.projects += 1
            added.tasks += len(story.chores)
    return added


async def _find(parts: Parts, person: Person) -> UUID | None:
    async with parts.database.autocommit() as session:
        account = await session.fetch_row(queries.ACCOUNT_BY_LOGIN, login=person.username, of_email=person.email)
    return account["id"] if account else None


async def _register(parts: Parts, person: Person, password: str) -> UUID:
    data = Register(
        username=person.username,
        email=person.email,
        password=password,
        full_name=person.full_name,
        timezone=person.timezone,
    )
    async with unit_of_work(parts.database) as session:
        document = await users.create_user(session, parts, data, SystemRole.USER)
    return UUID(document.fields()["id"])


async def _tell(parts: Parts, story: Story, callers: Callers) -> bool:
    """Whether the project was not there yet."""
    owner = callers[story.owner]
    data = ProjectCreate(key=story.key, name=story.name, description=story.description, color=story.color)
    try:
        async with unit_of_work(parts.database) as session:
            await projects.create_project(session, owner, data)
            for username, role in story.members.items():
                member = MemberCreate.model_validate({"user_id": str(callers[username].id), "role": role})
                await members.add_member(session, owner, story.key, member)
            for chore in story.chores:
                await _do(session, story, chore, callers)
    except ProjectKeyTaken:
        return False
    return True


async def _do(session: DbSession, story: Story, chore: Chore, callers: Callers) -> None:
    """Write the task down, and move it to where it stands, as somebody would have."""
    assignees = [callers[username] for username in chore.to]
    author = callers[story.owner]
    begins = chore.status if chore.status in _FIRST_STATUSES else "todo"
    document = await tasks.create_task(session, author, story.key, _written_down(chore, begins, assignees))
    actor = assignees[0] if assignees else author
    task = document.fields()["key"]
    if chore.status in {"in_progress", "done"}:
        await tasks.update_task(session, actor, task, TaskUpdate(status="in_progress"), None)
    if chore.status == "done":
        await flow.complete_task(session, actor, task)
    elif chore.status == "cancelled":
        await tasks.update_task(session, actor, task, TaskUpdate(status="cancelled"), None)


def _written_down(chore: Chore, status: str, assignees: list[Caller]) -> TaskCreate:
    today = utc_now().date()
    return TaskCreate.model_validate(
        {
            "title": chore.title,
            "description": chore.description,
            "status": status,
            "priority": chore.priority,
            "due_on": None if chore.due is None else str(today + timedelta(days=chore.due)),
            "estimate": chore.estimate,
            "assignee_ids": [str(caller.id) for caller in assignees],
        }
    )
