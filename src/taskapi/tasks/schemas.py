"""Tasks as clients write, filter and read them."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator

from taskapi.core.fields import ClientId, Day, Input, Instant, NewId, Patch, Prose, SearchText, StatusKey, Title
from taskapi.core.lists.paging import PageParams
from taskapi.core.lists.sorting import sort_parameter
from taskapi.models import Priority, StatusCategory
from taskapi.projects.members.schemas import UserBrief

MAX_ASSIGNEES = 50
SORTS = ("rank", "number", "title", "priority", "due", "created_at", "updated_at")


_Name = Annotated[str, Field(max_length=40)]


class Expand(StrEnum):
    ASSIGNEES = "assignees"
    CREATOR = "creator"
    PARENT = "parent"
    PROJECT = "project"


def _without_repeats(ids: list[UUID]) -> list[UUID]:
    return list(dict.fromkeys(ids))


def _split(values: Any) -> Any:  # noqa: ANN401
    """`expand=a,b` and `expand=a&expand=b` say the same."""
    return [part for value in values for part in str(value).split(",")] if isinstance(values, list) else values


Estimate = Annotated[float, Field(strict=True, ge=0, le=1_000_000, allow_inf_nan=False)]
AssigneeIds = Annotated[list[ClientId], Field(max_length=MAX_ASSIGNEES), AfterValidator(_without_repeats)]
Expansions = Annotated[list[Expand], BeforeValidator(_split), Field(max_length=10)]


class _Dues(Input):
    @model_validator(mode="after")
    def _at_most_one_due(self) -> Self:
        if getattr(self, "due_on", None) is not None and getattr(self, "due_at", None) is not None:
            raise ValueError("give due_on (a day wherever you are) or due_at (an instant), not both")
        return self


class TaskCreate(_Dues):
    id: NewId | None = Field(None, description="Made by the server unless you give one: a UUIDv7 of today")
    title: Title
    description: Prose | None = Field(None, description="Markdown")
    status: StatusKey | None = Field(None, description="The first `unstarted` status unless you give one")
    priority: Priority = Priority.NONE
    start_on: Day | None = None
    due_on: Day | None = Field(None, description="A day, wherever you are")
    due_at: Instant | None = Field(None, description="An instant")
    estimate: Estimate | None = None
    parent_id: ClientId | None = Field(None, description="A task of the same project")
    assignee_ids: AssigneeIds = Field(default_factory=list)


class TaskUpdate(_Dues, Patch):
    """Absent fields stay; null clears, where that is allowed. Setting one due clears the other."""

    title: Title = ""
    description: Prose | None = None
    status: StatusKey = ""
    priority: Priority = Priority.NONE
    start_on: Day | None = None
    due_on: Day | None = None
    due_at: Instant | None = None
    estimate: Estimate | None = None
    parent_id: ClientId | None = None
    assignee_ids: AssigneeIds = Field(default_factory=list)


class TaskMove(Input):
    project: _Name | None = Field(None, description="Another project's id or key")
    status: StatusKey | None = None
    before: _Name | None = Field(None, description="Id or key of the task it shall precede")
    after: _Name | None = Field(None, description="Id or key of the task it shall follow")


class ProjectBrief(BaseModel):
    id: UUID
    key: str
    name: str


class TaskBrief(BaseModel):
    id: UUID
    key: str
    title: str
    status: str
    status_category: StatusCategory


class TaskRead(BaseModel):
    id: UUID
    key: str
    project_id: UUID
    number: int
    title: str
    description: str | None
    status: str
    status_category: StatusCategory
    priority: Priority
    start_on: date | None
    due_on: date | None
    due_at: datetime | None
    estimate: float | None
    parent_id: UUID | None
    rank: str = Field(description="Compare byte by byte; change it with move")
    assignee_ids: list[UUID]
    label_ids: list[UUID]
    fields: dict[str, Any]
    recurrence: dict[str, Any] | None
    created_by: UUID
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    deleted_at: datetime | None
    version: int


class TaskExpanded(TaskRead):
    """With what `expand` asked for."""

    assignees: list[UserBrief] = []
    creator: UserBrief | None = None
    parent: TaskBrief | None = None
    project: ProjectBrief | None = None


def _as_instant(value: Any) -> Any:  # noqa: ANN401
    """A day means its first moment, UTC."""
    try:
        if isinstance(value, str) and len(value) == len("2026-01-31"):
            return datetime.combine(date.fromisoformat(value), time(), UTC)
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:  # Python's sentence repeats the value
        raise ValueError("must be a day, or an instant with its offset from UTC") from None


def _end_of_day(value: Any) -> Any:  # noqa: ANN401
    """After a day means from the first moment of the next one on."""
    found = _as_instant(value)
    is_day = isinstance(value, str) and len(value) == len("2026-01-31")
    # In this order, the last day that there is has an end, too.
    return found + (timedelta(days=1) - timedelta(microseconds=1)) if is_day else found


_DAY_OR_INSTANT = WithJsonSchema({"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]})


def _in_reason(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("must be a day, or an instant with its offset from UTC")
    if not 1900 <= instant.year <= 3000:  # noqa: PLR2004 - what due dates may be
        raise ValueError("must be between the years 1900 and 2999")
    return instant.astimezone(UTC)


Before = Annotated[datetime, AfterValidator(_in_reason), BeforeValidator(_as_instant), _DAY_OR_INSTANT]
After = Annotated[datetime, AfterValidator(_in_reason), BeforeValidator(_end_of_day), _DAY_OR_INSTANT]
_PERSON = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
Assignee = Annotated[str, Field(pattern=rf"^(?:me|none|{_PERSON})$")]
AssigneeOfShared = Annotated[str, Field(pattern=rf"^(?:none|{_PERSON})$")]
Person = Annotated[str, Field(pattern=rf"^{_PERSON}$")]
Creator = Annotated[str, Field(pattern=rf"^(?:me|{_PERSON})$")]
Parent = Annotated[str, Field(pattern=rf"^(?:none|{_PERSON}|[A-Z][A-Z0-9]{{1,9}}-[1-9][0-9]{{0,8}})$")]


class TaskView(Input):
    expand: Expansions = Field(default_factory=list, description="What to show in full, as `assignees,project`")


class TaskDeletion(Input):
    permanent: bool = Field(False, description="Past the trash, for good; needs project admin")


class TaskConditions(PageParams):
    status: list[StatusKey] = Field(default_factory=list, description="Repeat a parameter for OR", max_length=50)
    status_category: list[StatusCategory] = Field(default_factory=list, max_length=len(StatusCategory))
    open: bool | None = Field(None, description="Neither done nor cancelled; false: one of the two")
    priority: list[Priority] = Field(default_factory=list, max_length=len(Priority))
    assignee: list[Assignee] = Field(default_factory=list, description="`me`, `none` or a user's id", max_length=50)
    creator: list[Creator] = Field(default_factory=list, description="`me` or a user's id", max_length=50)
    parent: Parent | None = Field(None, description="`none`, or the id or key of a task")
    due_before: Before | None = Field(None, description="A day or an instant; what is due that day does not count")
    due_after: After | None = Field(None, description="A day or an instant; what is due that day does not count")
    overdue: bool | None = Field(None, description="Open, and due before now (or today, UTC)")
    date: Day | None = Field(None, description="Due that day, or being worked on")
    updated_since: Instant | None = None
    q: SearchText | None = Field(None, description="Words in title or description, as a web search takes them")
    sort: sort_parameter(SORTS) | None = Field(  # type: ignore[valid-type]
        None, description=f"Of {', '.join(SORTS)}; `-` turns one round; nulls come last"
    )


class TaskFilter(TaskConditions):
    expand: Expansions = Field(default_factory=list, description="What to show in full, as `assignees,project`")


class SharedTaskFilter(TaskConditions):
    """By a share link there is no `me`, and people are ids: nothing tells their names."""

    assignee: list[AssigneeOfShared] = Field(default_factory=list, description="`none` or a user's id", max_length=50)
    creator: list[Person] = Field(default_factory=list, description="A user's id", max_length=50)
