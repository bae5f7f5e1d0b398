"""A task made of a line of text, and what the text was taken for."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import NotFound
from taskapi.core.fields import rfc3339
from taskapi.core.resources.document import Document
from taskapi.models import Priority
from taskapi.projects import service as projects
from taskapi.projects.members.schemas import UserBrief
from taskapi.projects.queries import ProjectRow
from taskapi.tasks import service as tasks
from taskapi.tasks.filters.moments import zone_named
from taskapi.tasks.quick import errors, queries
from taskapi.tasks.quick.mentions import Kind, Mention, mentions
from taskapi.tasks.quick.parsing import Known, Understood, parse
from taskapi.tasks.quick.queries import LabelRow, UserRow
from taskapi.tasks.quick.recurring import Recurrence
from taskapi.tasks.quick.schemas import (
    QuickLabel,
    QuickRecurrence,
    QuickSpan,
    QuickTask,
    QuickUnderstood,
)
from taskapi.tasks.recurrence import service as recurrences
from taskapi.tasks.recurrence.schemas import RecurrenceSet
from taskapi.tasks.schemas import RecurrenceMode, TaskCreate


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the task will be, and who and what there was mentioned."""

    project: ProjectRow
    users: Sequence[UserRow]
    labels: Sequence[LabelRow]

    @property
    def known(self) -> Known:
        return Known(
            frozenset({self.project["key"]}),
            {row["mentioned"]: row["id"] for row in self.users},
            {row["mentioned"]: row["id"] for row in self.labels},
        )


async def add_task(session: DbSession, caller: Caller, data: QuickTask) -> tuple[Document, QuickUnderstood]:
    found = mentions(data.text)
    place = await _place(session, caller, await _project(session, caller, data, found), found)
    understood = parse(data.text, utc_now(), zone_named(caller.timezone), place.known)
    told = _told(understood, place)
    document = await tasks.create_task(session, caller, str(place.project["id"]), _task(understood, told))
    if told.recurrence is not None:
        comes_again = RecurrenceSet(rule=told.recurrence.rule, mode=told.recurrence.mode)
        task_id = document.fields()["id"]
        document = await recurrences.set_recurrence(session, caller, task_id, comes_again, None)
    return document, told


async def _project(session: DbSession, caller: Caller, data: QuickTask, found: Sequence[Mention]) -> ProjectRow:
    """The last that the text names, else the one beside it, else the only one in which the caller writes."""
    named = next((mention.name for mention in reversed(found) if mention.kind is Kind.PROJECT), None)
    if named is not None:
        try:
            return await projects.load(session, caller, named, Permission.TASK_WRITE)
        except NotFound:
            pass  # then it is a part of the title
    if data.project is not None:
        return await projects.load(session, caller, data.project, Permission.TASK_WRITE)
    writable = await session.fetch_values(queries.writable(Reach.of(caller)), **reach.values(caller))
    if len(writable) != 1:
        raise errors.NoProjectNamed("Name a project: beside the text, or by +KEY in it")
    return await projects.load(session, caller, str(writable[0]), Permission.TASK_WRITE)


async def _place(session: DbSession, caller: Caller, project: ProjectRow, found: Sequence[Mention]) -> _Place:
    names = {kind: [mention.name for mention in found if mention.kind is kind] for kind in (Kind.ASSIGNEE, Kind.LABEL)}
    users: list[UserRow] = []
    labels: list[LabelRow] = []
    if names[Kind.ASSIGNEE]:
        users = await session.fetch_rows(
            queries.MEMBERS_NAMED, names=names[Kind.ASSIGNEE], project_id=project["id"], caller_id=caller.id
        )
    if names[Kind.LABEL]:
        labels = await session.fetch_rows(queries.LABELS_NAMED, names=names[Kind.LABEL], project_id=project["id"])
    return _Place(project, users, labels)


def _told(understood: Understood, place: _Place) -> QuickUnderstood:
    users = {row["mentioned"]: row for row in place.users}
    labels = {row["mentioned"]: row for row in place.labels}
    people = {users[name]["id"]: users[name] for name in understood.named(Kind.ASSIGNEE)}
    tags = {labels[name]["id"]: labels[name] for name in understood.named(Kind.LABEL)}
    return QuickUnderstood(
        title=understood.title,
        project=place.project["key"],
        priority=Priority(understood.last(Kind.PRIORITY) or Priority.NONE),
        assignees=[
            UserBrief(id=user_id, username=row["username"], full_name=row["full_name"])
            for user_id, row in people.items()
        ],
        labels=[QuickLabel(id=label_id, name=row["name"]) for label_id, row in tags.items()],
        due_on=understood.due_on,
        due_at=understood.due_at,
        recurrence=None if understood.recurrence is None else _recurrence(understood.recurrence),
        spans=[QuickSpan(start=s.start, end=s.end, kind=s.kind, value=s.value) for s in understood.spans],
        not_understood=list(understood.not_understood),
    )


def _recurrence(recurrence: Recurrence) -> QuickRecurrence:
    mode = RecurrenceMode.COMPLETION if recurrence.from_completion else RecurrenceMode.SCHEDULE
    return QuickRecurrence(rule=recurrence.rule, mode=mode)


def _task(understood: Understood, told: QuickUnderstood) -> TaskCreate:
    if not understood.title:
        raise errors.NoTitle("Nothing is left for the title; quote what is meant literally")
    try:
        return TaskCreate.model_validate(
            {
                "title": told.title,
                **({"priority": told.priority} if understood.last(Kind.PRIORITY) else {}),
                **({"assignee_ids": [str(user.id) for user in told.assignees]} if told.assignees else {}),
                **({"label_ids": [str(label.id) for label in told.labels]} if told.labels else {}),
                "due_on": told.due_on and told.due_on.isoformat(),
                "due_at": told.due_at and rfc3339(told.due_at),
            }
        )
    except ValidationError as error:
        if any(fault["loc"][:1] == ("title",) and fault["type"] == "value_error" for fault in error.errors()):
            raise errors.NoTitle("Nothing that can be seen is left for the title") from None
        raise errors.TextTooMuch("A title has 500 characters at most, and a task 50 assignees") from None
