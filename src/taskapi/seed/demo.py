"""Planting the demo through the services, so that it has the history that people's own work would have."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from taskapi.auth import queries
from taskapi.core import clock, ids
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.database import unit_of_work
from taskapi.core.db.session import DbSession
from taskapi.core.parts import Parts
from taskapi.models import SystemRole
from taskapi.projects import service as projects
from taskapi.projects.cycles import service as cycles
from taskapi.projects.cycles.schemas import CycleCreate
from taskapi.projects.errors import ProjectKeyTaken
from taskapi.projects.fields import service as fields
from taskapi.projects.fields.schemas import FieldCreate
from taskapi.projects.labels import service as labels
from taskapi.projects.labels.schemas import LabelCreate
from taskapi.projects.members import service as members
from taskapi.projects.members.schemas import MemberCreate
from taskapi.projects.milestones import service as milestones
from taskapi.projects.milestones.schemas import MilestoneCreate
from taskapi.projects.schemas import ProjectCreate
from taskapi.seed import chores, surroundings
from taskapi.seed.chores import PAST, Callers, Place
from taskapi.seed.people import PEOPLE
from taskapi.seed.shapes import Person, Story
from taskapi.seed.stories import STORIES
from taskapi.seed.website import WEBSITE
from taskapi.users import service as users
from taskapi.users.schemas import Register

__all__ = ["PASSWORD", "PEOPLE", "Added", "plant"]

PASSWORD = "walk around and try it"  # noqa: S105 - printed for everybody to use; production gets another


@dataclass(slots=True)
class Added:
    people: int = 0
    projects: int = 0
    tasks: int = 0


async def plant(parts: Parts, password: str) -> Added:
    """Add what is missing. A project is there with all its tasks or not at all."""
    added = Added()
    callers: Callers = {}
    now = utc_now()
    begins = now - PAST
    await surroundings.listen(parts)
    for person in PEOPLE:
        user_id = await _find(parts, person)
        if user_id is None:
            with clock.told_at(begins), ids.made_at(begins):
                user_id = await _register(parts, person, password)
            added.people += 1
            await surroundings.send_no_mail(parts, Caller(user_id, SystemRole.USER))
        callers[person.username] = Caller(user_id, SystemRole.USER, timezone=person.timezone)
    for story in STORIES:
        place = await _tell(parts, story, callers, now)
        if place is not None:
            added.projects += 1
            added.tasks += len(story.chores)
            if story is WEBSITE:
                added.tasks += await surroundings.furnish(parts, place)
                await surroundings.share(parts, place)
    await surroundings.tell(parts)
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


async def _tell(parts: Parts, story: Story, callers: Callers, now: datetime) -> Place | None:
    """None where the project was there before."""
    owner = callers[story.owner]
    data = ProjectCreate(key=story.key, name=story.name, description=story.description, color=story.color)
    try:
        async with unit_of_work(parts.database) as session:
            place = Place(story.key, owner, callers, now)
            with clock.told_at(now - PAST), ids.made_at(now - PAST):
                await projects.create_project(session, owner, data)
                for username, role in story.members.items():
                    member = MemberCreate.model_validate({"user_id": str(callers[username].id), "role": role})
                    await members.add_member(session, owner, story.key, member)
                await _lay_out(session, place, story)
            await chores.plant(session, place, story.chores)
    except ProjectKeyTaken:
        return None
    return place


async def _lay_out(session: DbSession, place: Place, story: Story) -> None:
    """What tasks are marked with and planned by."""
    today = place.now.date()
    for name, color in story.labels.items():
        label = await labels.create_label(session, place.author, place.key, LabelCreate(name=name, color=color))
        place.labels[name] = label.fields()["id"]
    for name, due in story.milestones.items():
        aim = MilestoneCreate.model_validate({"name": name, "due_on": str(today + timedelta(days=due))})
        milestone = await milestones.create_milestone(session, place.author, place.key, aim)
        place.milestones[name] = milestone.fields()["id"]
    for span in story.cycles:
        first, last = (str(today + timedelta(days=days)) for days in (span.starts, span.ends))
        sprint = CycleCreate.model_validate({"name": span.name, "starts_on": first, "ends_on": last})
        cycle = await cycles.create_cycle(session, place.author, place.key, sprint)
        place.cycles[span.name] = cycle.fields()["id"]
    for name, options in story.selects.items():
        named = [{"name": option} for option in options]
        wanted = {"key": name.lower(), "name": name, "type": "select", "options": named}
        await fields.create_field(session, place.author, place.key, FieldCreate.model_validate(wanted))
