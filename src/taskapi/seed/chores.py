"""Planting the tasks of a story, with all that people have done to them."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeAlias

from taskapi.core import clock, ids
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.seed.shapes import BACKLOG, DOING, DONE, DROPPED, TO_DO, Chore, Work
from taskapi.tasks import service as tasks
from taskapi.tasks.checklist import service as checklist
from taskapi.tasks.checklist.schemas import ItemCreate
from taskapi.tasks.comments import service as comments
from taskapi.tasks.comments.schemas import CommentCreate
from taskapi.tasks.flow import service as flow
from taskapi.tasks.links import service as links
from taskapi.tasks.links.schemas import LinkCreate, LinkType
from taskapi.tasks.recurrence import service as recurrence
from taskapi.tasks.recurrence.schemas import RecurrenceSet
from taskapi.tasks.schemas import TaskCreate, TaskUpdate
from taskapi.tasks.time_entries import service as time_entries
from taskapi.tasks.time_entries.schemas import TimeEntryCreate

_FIRST_STATUSES = frozenset({BACKLOG, TO_DO})
PAST: Final = timedelta(days=90)
"""How long ago a story begins."""
_CAME_UP: Final = timedelta(days=78)
"""Within so many days of it chores came up, so that the last ones had time to be done."""

Callers = dict[str, Caller]
Step: TypeAlias = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Place:
    """A project of the demo, and the ids of what stands in it, by what people call it."""

    key: str
    author: Caller
    callers: Callers
    now: datetime
    labels: dict[str, str] = field(default_factory=dict)
    milestones: dict[str, str] = field(default_factory=dict)
    cycles: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, str] = field(default_factory=dict)

    def actor(self, chore: Chore) -> Caller:
        """Whoever does it, else whoever has the project."""
        return self.callers[chore.to[0]] if chore.to else self.author


async def plant(session: DbSession, place: Place, chores: tuple[Chore, ...]) -> None:
    """Step by step in the order of time, each told at the time at which it would have happened.

    Time that was worked is entered today, as people do.
    """
    for moment, step in sorted(_steps(session, place, chores), key=lambda step: step[0]):
        with clock.told_at(moment), ids.made_at(moment):
            await step()
    for chore in chores:
        for work in chore.worked:
            task = place.tasks[chore.title]
            await time_entries.create_time_entry(session, place.callers[work.who], task, _entry(work))


def _steps(session: DbSession, place: Place, chores: tuple[Chore, ...]) -> Iterator[tuple[datetime, Step]]:
    """Chores are told in the order in which they came up. What is said of one may name another."""
    begins = place.now - PAST
    created = {
        chore.title: begins + nth * _CAME_UP / len(chores) + timedelta(hours=1) for nth, chore in enumerate(chores)
    }
    for nth, chore in enumerate(chores):
        named = max(created[title] for title in (chore.title, *chore.blocks, *chore.relates_to))
        begun = min(named + timedelta(days=1 + nth % 4), place.now - timedelta(hours=3))
        ended = min(begun + timedelta(days=1 + nth * 7 % 9), place.now - timedelta(hours=2, minutes=-nth))
        yield created[chore.title], partial(_write_down, session, place, chore)
        yield named + timedelta(hours=1), partial(_furnish, session, place, chore)
        yield begun, partial(_begin, session, place, chore)
        yield ended, partial(_end, session, place, chore)


async def _write_down(session: DbSession, place: Place, chore: Chore) -> None:
    """In a status that it would have begun in."""
    due = None if chore.due is None else place.now.date() + timedelta(days=chore.due)
    start = None if due is None or chore.estimate is None else due - timedelta(days=round(chore.estimate))
    wanted = {
        "title": chore.title,
        "description": chore.description,
        "status": chore.status if chore.status in _FIRST_STATUSES else TO_DO,
        "priority": chore.priority,
        "start_on": start and str(start),
        "due_on": due and str(due),
        "estimate": chore.estimate,
        "assignee_ids": [str(place.callers[username].id) for username in chore.to],
        "label_ids": [place.labels[name] for name in chore.labels],
        "milestone_id": None if chore.milestone is None else place.milestones[chore.milestone],
        "cycle_id": None if chore.cycle is None else place.cycles[chore.cycle],
        "parent_id": None if chore.part_of is None else place.tasks[chore.part_of],
        "fields": chore.fields,
    }
    document = await tasks.create_task(session, place.author, place.key, TaskCreate.model_validate(wanted))
    place.tasks[chore.title] = document.fields()["id"]


async def _furnish(session: DbSession, place: Place, chore: Chore) -> None:
    task, actor = place.tasks[chore.title], place.actor(chore)
    for text, done in chore.steps:
        await checklist.create_item(session, actor, task, ItemCreate(text=text, done=done))
    for type_, others in ((LinkType.BLOCKS, chore.blocks), (LinkType.RELATES_TO, chore.relates_to)):
        for title in others:
            await links.create_link(session, actor, task, LinkCreate(type=type_, task_id=place.tasks[title]))
    if chore.comes_again is not None:
        rule = RecurrenceSet.model_validate({"rule": chore.comes_again})
        await recurrence.set_recurrence(session, actor, task, rule, None)
    for username, text in chore.said:
        await comments.create_comment(session, place.callers[username], task, CommentCreate(body=text))


def _entry(work: Work) -> TimeEntryCreate:
    """In the morning of that day."""
    day = utc_now().replace(hour=8, minute=30, second=0, microsecond=0) - timedelta(days=work.days_ago)
    wanted = {"started_at": day.isoformat(), "seconds": round(work.hours * 3600), "note": work.note}
    return TimeEntryCreate.model_validate(wanted)


async def _begin(session: DbSession, place: Place, chore: Chore) -> None:
    if chore.status in {DOING, DONE}:
        task, actor = place.tasks[chore.title], place.actor(chore)
        await tasks.update_task(session, actor, task, TaskUpdate(status=DOING), None)


async def _end(session: DbSession, place: Place, chore: Chore) -> None:
    task, actor = place.tasks[chore.title], place.actor(chore)
    if chore.status == DONE:
        await flow.complete_task(session, actor, task)
    elif chore.status == DROPPED:
        await tasks.update_task(session, actor, task, TaskUpdate(status=DROPPED), None)
