"""Tasks as clients write, filter and read them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticKnownError

from taskapi.core.fields import (
    ClientId,
    Day,
    Estimate,
    Input,
    Instant,
    NewId,
    Patch,
    Prose,
    StatusKey,
    Title,
    example,
)
from taskapi.models import Priority, StatusCategory
from taskapi.projects.members.schemas import UserBrief

MAX_ASSIGNEES = 50
MAX_LABELS = 100


_Name = Annotated[str, Field(max_length=40)]


class Expand(StrEnum):
    """What a task can show in full beside itself."""

    ASSIGNEES = "assignees"
    COMMENTS_COUNT = "comments_count"
    CREATOR = "creator"
    LABELS = "labels"
    DESCRIPTION_HTML = "description_html"
    PARENT = "parent"
    PROJECT = "project"
    PROGRESS = "progress"
    CHECKLIST = "checklist"
    TIME = "time"


def _without_repeats(ids: list[UUID]) -> list[UUID]:
    return list(dict.fromkeys(ids))


def split_by_commas(values: Any) -> Any:  # noqa: ANN401
    """`expand=a,b` and `expand=a&expand=b` say the same."""
    return [part for value in values for part in str(value).split(",")] if isinstance(values, list) else values


AssigneeIds = Annotated[list[ClientId], Field(max_length=MAX_ASSIGNEES), AfterValidator(_without_repeats)]
LabelIds = Annotated[list[ClientId], Field(max_length=MAX_LABELS), AfterValidator(_without_repeats)]
CustomValues = Annotated[dict[str, Any], Field(max_length=50)]
Expansions = Annotated[list[Expand], BeforeValidator(split_by_commas), Field(max_length=10)]


_DESCRIPTION: Final = "More about it, in Markdown; `@username` outside of code mentions a member"
_NOT_SAID: Final[Any] = object()


def _not_said() -> Any:  # noqa: ANN401 - what no client can send
    return _NOT_SAID


class _Dues(Input):
    @model_validator(mode="after")
    def _at_most_one_due(self) -> Self:
        if getattr(self, "due_on", None) is not None and getattr(self, "due_at", None) is not None:
            raise ValueError("give due_on (a day wherever you are) or due_at (an instant), not both")
        return self

    @model_validator(mode="after")
    def _starts_before_due(self) -> Self:
        start_on, due_on = getattr(self, "start_on", None), getattr(self, "due_on", None)
        if start_on is not None and due_on is not None and start_on > due_on:
            raise ValueError("start_on must not be after due_on")
        return self


class TaskCreate(_Dues):
    """A new task; only its title is needed."""

    model_config = example(
        title="Write the announcement",
        description="For the **blog** and the newsletter.",
        priority="high",
        due_on="2026-12-24",
        estimate=3,
    )

    id: NewId | None = Field(None, description="Made by the server unless you give one: a UUIDv7 of today")
    template_id: ClientId | None = Field(
        None, description="The id of a template of the project: it says what you do not, and brings what hangs on it"
    )
    title: Title = Field(
        default_factory=_not_said,
        validate_default=True,
        description="What is to be done, in one line; that of the template where there is one and you say nothing",
    )
    description: Prose | None = Field(
        None, description="More about it, in Markdown; `@username` outside of code mentions a member"
    )
    status: StatusKey | None = Field(None, description="The first `unstarted` status unless you give one")
    priority: Priority = Field(Priority.NONE, description="How pressing it is; `none` unless you give one")
    start_on: Day | None = Field(None, description="The day to begin with it")
    due_on: Day | None = Field(None, description="The day it is due, wherever you are; not together with `due_at`")
    due_at: Instant | None = Field(None, description="The instant it is due; not together with `due_on`")
    estimate: Estimate | None = Field(None, description="How much work it is, in the `estimate_unit` of its project")
    parent_id: ClientId | None = Field(None, description="The id of the task it is a part of, of the same project")
    assignee_ids: AssigneeIds = Field(default_factory=list, description="The ids of the members who do it")
    label_ids: LabelIds = Field(default_factory=list, description="The ids of its labels, of the same project")
    milestone_id: ClientId | None = Field(None, description="The id of the milestone it leads to, of the same project")
    cycle_id: ClientId | None = Field(None, description="The id of the cycle it is done in, of the same project")
    fields: CustomValues = Field(default_factory=dict, description="Values of the project's custom fields, by key")

    @field_validator("title", mode="wrap")
    @classmethod
    def _from_somewhere(cls, value: object, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> str:
        if value is not _NOT_SAID:
            title: str = read(value)
            return title
        if info.data.get("template_id") is None:
            raise PydanticKnownError("missing")
        return ""


class TaskUpdate(_Dues, Patch):
    """Absent fields stay; null clears, where that is allowed. Setting one due clears the other."""

    model_config = example(title="Write and send the announcement", status="in_progress", priority="urgent")

    title: Title = Field("", description="What is to be done, in one line")
    description: Prose | None = Field(
        None, description="More about it, in Markdown; `@username` outside of code mentions a member"
    )
    status: StatusKey = Field("", description="The key of a status of its project")
    priority: Priority = Field(Priority.NONE, description="How pressing it is")
    start_on: Day | None = Field(None, description="The day to begin with it")
    due_on: Day | None = Field(None, description="The day it is due, wherever you are; clears `due_at`")
    due_at: Instant | None = Field(None, description="The instant it is due; clears `due_on`")
    estimate: Estimate | None = Field(None, description="How much work it is, in the `estimate_unit` of its project")
    parent_id: ClientId | None = Field(None, description="The id of the task it is a part of, of the same project")
    assignee_ids: AssigneeIds = Field(default_factory=list, description="The ids of all the members who do it")
    label_ids: LabelIds = Field(default_factory=list, description="The ids of all its labels, of the same project")
    milestone_id: ClientId | None = Field(None, description="The id of the milestone it leads to, of the same project")
    cycle_id: ClientId | None = Field(None, description="The id of the cycle it is done in, of the same project")
    fields: CustomValues = Field(
        default_factory=dict, description="Values of custom fields, by key; those not named stay, null takes one away"
    )


class TaskMove(Input):
    """Where a task goes; what is not given stays."""

    model_config = example(status="in_progress")

    project: _Name | None = Field(None, description="Another project's id or key; it stays where it is unless given")
    status: StatusKey | None = Field(
        None, description="The key of the status it goes to; it keeps its own unless given"
    )
    before: _Name | None = Field(None, description="The id or key of the task it shall precede")
    after: _Name | None = Field(None, description="The id or key of the task it shall follow")


class ProjectBrief(BaseModel):
    """A project, as far as its tasks show it."""

    id: UUID
    key: str = Field(description="Begins the key of each of its tasks", examples=["WEB"])
    name: str = Field(description="What people call it", examples=["Website"])


class LabelBrief(BaseModel):
    """A label, as far as its tasks show it."""

    id: UUID
    name: str = Field(description="Unique in the project, whatever the case of its letters", examples=["bug"])
    color: str = Field(description="`#` and six hexadecimal digits", examples=["#d73a4a"])


class TaskBrief(BaseModel):
    """A task, as far as its subtasks show it."""

    id: UUID
    key: str = Field(description="The key of its project, and its number", examples=["WEB-1"])
    title: str = Field(description="What is to be done, in one line", examples=["Write the announcement"])
    status: str = Field(description="The key of its status", examples=["todo"])
    status_category: StatusCategory = Field(description="What that status means", examples=[StatusCategory.UNSTARTED])


class RecurrenceMode(StrEnum):
    """What the next occurrence is counted from."""

    SCHEDULE = "schedule"
    COMPLETION = "completion"


class Recurrence(BaseModel):
    """The rule by which a task comes again, and where its series has come to."""

    rule: str = Field(description="An RRULE of RFC 5545", examples=["FREQ=WEEKLY;BYDAY=MO"])
    mode: RecurrenceMode = Field(
        description="`schedule`: the next is counted from the last due date; `completion`: from the day it is done"
    )
    exdates: list[str] = Field(description="Days, or instants, on which it does not come", examples=[["2026-12-24"]])
    timezone: str = Field(
        description="Where its days begin: the time zone of who set the rule", examples=["Europe/Vienna"]
    )
    occurrence: int = Field(description="Which of the series this task is, from 1", examples=[1])
    time_of_day: str | None = Field(
        description="The local time it is due at; null where it is due on a day", examples=["09:00:00"]
    )


class TaskRead(BaseModel):
    """A task."""

    id: UUID
    key: str = Field(description="The key of its project, and its number", examples=["WEB-1"])
    project_id: UUID
    number: int = Field(description="Counted in its project, from 1, without gaps", examples=[1])
    title: str = Field(description="What is to be done, in one line", examples=["Write the announcement"])
    description: str | None = Field(
        description="More about it, in Markdown", examples=["For the **blog** and the newsletter."]
    )
    mentions: list[UUID] = Field(description="The ids of the members whom its description named when it was written")
    status: str = Field(description="The key of its status", examples=["todo"])
    status_category: StatusCategory = Field(description="What that status means", examples=[StatusCategory.UNSTARTED])
    priority: Priority = Field(description="How pressing it is", examples=[Priority.HIGH])
    start_on: date | None = Field(description="The day to begin with it", examples=["2026-12-01"])
    due_on: date | None = Field(description="The day it is due, wherever you are", examples=["2026-12-24"])
    due_at: datetime | None = Field(description="The instant it is due, where it has one instead of a day")
    estimate: float | None = Field(
        description="How much work it is, in the `estimate_unit` of its project", examples=[3]
    )
    parent_id: UUID | None = Field(description="The id of the task it is a part of")
    rank: str = Field(
        description="Its place in the manual order: compare byte by byte, change by move", examples=["a0"]
    )
    assignee_ids: list[UUID] = Field(description="The ids of the members who do it")
    label_ids: list[UUID] = Field(description="The ids of its labels")
    milestone_id: UUID | None = Field(description="The id of the milestone it leads to")
    cycle_id: UUID | None = Field(description="The id of the cycle it is done in")
    fields: dict[str, Any] = Field(description="Its values of custom fields, by key", examples=[{"severity": "high"}])
    recurrence: Recurrence | None = Field(description="The rule by which it comes again; null: it does not")
    created_by: UUID
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None = Field(description="When it entered a closed status; null while it is open")
    deleted_at: datetime | None
    version: int


class Count(BaseModel):
    """How much of something is done."""

    total: int = Field(description="How many there are; cancelled subtasks do not count", examples=[3])
    done: int = Field(description="How many of these are done", examples=[1])


class TimeTotal(BaseModel):
    """How long has been worked on a task."""

    seconds: int = Field(description="The sum of all its time entries that have an end", examples=[5400])
    running: bool = Field(description="Whether somebody's timer is running on it", examples=[False])


class TaskExpanded(TaskRead):
    """With what `expand` asked for."""

    assignees: list[UserBrief] = Field([], description="Who does it; only with `expand=assignees`")
    labels: list[LabelBrief] = Field([], description="What it is marked with; only with `expand=labels`")
    comments_count: int | None = Field(
        None, description="How many comments it has; only with `expand=comments_count`", examples=[2]
    )
    creator: UserBrief | None = Field(None, description="Who made it; only with `expand=creator`")
    description_html: str | None = Field(
        None,
        description="Its description as HTML that is safe to show; only with `expand=description_html`. Null for the "
        "last of a page whose descriptions are more than 128 KiB: read those alone",
        examples=["<p>For the <strong>blog</strong> and the newsletter.</p>\n"],
    )
    parent: TaskBrief | None = Field(None, description="The task it is a part of; only with `expand=parent`")
    project: ProjectBrief | None = Field(None, description="The project it is in; only with `expand=project`")
    progress: Count | None = Field(None, description="Of the subtasks right below it; only with `expand=progress`")
    checklist: Count | None = Field(None, description="Of its checklist; only with `expand=checklist`")
    time: TimeTotal | None = Field(None, description="The time worked on it; only with `expand=time`")


class TaskView(Input):
    expand: Expansions = Field(default_factory=list, description="What to show in full, as `assignees,project`")
    at: Instant | None = Field(
        None,
        description="A moment: the task as it was then, without an ETag; not together with `expand`",
        examples=["2026-11-01T12:00:00Z"],
    )

    @model_validator(mode="after")
    def _nothing_of_then_in_full(self) -> Self:
        if self.at is not None and self.expand:
            raise ValueError("what expand shows is of now: give at or expand, not both")
        return self


class TaskDeletion(Input):
    permanent: bool = Field(False, description="Past the trash, for good; needs project admin")
