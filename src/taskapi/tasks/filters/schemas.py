"""What lists of tasks are asked by: parameters that narrow, order and group them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    Field,
    PlainValidator,
    StringConstraints,
    TypeAdapter,
    WithJsonSchema,
    model_validator,
)

from taskapi.core.fields import ClientId, Day, Instant, Prose, SearchText, StatusKey, Timezone
from taskapi.core.http.query import Gathers
from taskapi.core.lists.paging import PageParams, Walk
from taskapi.core.lists.sorting import Sorts
from taskapi.models import Priority, StatusCategory
from taskapi.tasks.schemas import Expansions

MAX_OF_GROUP = 50
SORTS = ("rank", "number", "title", "priority", "due", "created_at", "updated_at")


class DueIn(StrEnum):
    """When a task is due, as lists group it; each task is in one of them."""

    OVERDUE = "overdue"
    TODAY = "today"
    NEXT_7_DAYS = "next7days"
    LATER = "later"
    NONE = "none"
    PAST = "past"  # closed, and due before today: late no more, and never again


class GroupBy(StrEnum):
    """What a list can be grouped by; the parameter of the same name asks for one group alone."""

    STATUS = "status"
    ASSIGNEE = "assignee"
    PRIORITY = "priority"
    LABEL = "label"
    DUE = "due"


_DAYS: TypeAdapter[date] = TypeAdapter(Day)
_INSTANTS: TypeAdapter[datetime] = TypeAdapter(Instant)


def _day_or_instant(value: object) -> date | datetime:
    try:
        if not isinstance(value, str):
            raise ValueError  # noqa: TRY004, TRY301 - said below, as what it must be
        return (_DAYS if len(value) == len("2026-01-31") else _INSTANTS).validate_python(value)
    except ValueError:
        raise ValueError(
            "must be a day, such as 2026-01-31, or an instant with its offset from UTC, such as 2026-01-31T12:00:00Z, "
            "between the years 1900 and 2999"
        ) from None


DayOrInstant = Annotated[
    date | datetime,
    PlainValidator(_day_or_instant),
    WithJsonSchema({"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}),
]
PERSON = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_FIELD_KEY = "[a-z][a-z0-9_]{0,39}"
FieldConditions = Annotated[
    dict[str, Annotated[list[SearchText], Field(max_length=50)]],
    Field(max_length=10),
    Gathers("field.", _FIELD_KEY),
]
Assignee = Annotated[str, Field(pattern=rf"^(?:me|none|{PERSON})$")]
AssigneeOfShared = Annotated[str, Field(pattern=rf"^(?:none|{PERSON})$")]
Person = Annotated[str, Field(pattern=rf"^{PERSON}$")]
LabelName = SearchText
MilestoneName = Annotated[str, Field(pattern=rf"^(?:none|{PERSON})$")]
CycleName = Annotated[str, Field(pattern=rf"^(?:none|current|{PERSON})$")]
Creator = Annotated[str, Field(pattern=rf"^(?:me|{PERSON})$")]
Parent = Annotated[str, Field(pattern=rf"^(?:none|{PERSON}|[A-Z][A-Z0-9]{{1,9}}-[1-9][0-9]{{0,8}})$")]


FilterText = Annotated[Prose, StringConstraints(max_length=2000)]
TaskSort = Annotated[str, Sorts(*SORTS, more=("field.<key>", rf"field\.{_FIELD_KEY}"))]
SORT_IN_WORDS = (
    f"One to three of {', '.join(SORTS)} and, in one project, `field.<key>` of a custom field; `-` turns one round; "
    "nulls come last"
)


class TaskConditions(PageParams):
    status: list[StatusKey] = Field(
        default_factory=list, description="The key of a status; repeat a parameter for OR", max_length=50
    )
    status_category: list[StatusCategory] = Field(
        default_factory=list, description="What their status means; repeat for OR", max_length=len(StatusCategory)
    )
    open: bool | None = Field(None, description="Neither done nor cancelled; false: one of the two")
    blocked: bool | None = Field(None, description="Whether an open task blocks them")
    priority: list[Priority] = Field(
        default_factory=list, description="How pressing they are; repeat for OR", max_length=len(Priority)
    )
    assignee: list[Assignee] = Field(default_factory=list, description="`me`, `none` or a user's id", max_length=50)
    label: list[LabelName] = Field(
        default_factory=list, description="`none`, or a label's id or name; repeat for OR", max_length=50
    )
    milestone: list[MilestoneName] = Field(
        default_factory=list, description="`none` or a milestone's id; repeat for OR", max_length=50
    )
    cycle: list[CycleName] = Field(
        default_factory=list,
        description="`none`, `current` (the one of today) or a cycle's id; repeat for OR",
        max_length=50,
    )
    creator: list[Creator] = Field(default_factory=list, description="`me` or a user's id", max_length=50)
    parent: Parent | None = Field(None, description="`none`, or the id or key of a task")
    due_before: DayOrInstant | None = Field(
        None, description="A day or an instant; what is due that day does not count"
    )
    due_after: DayOrInstant | None = Field(None, description="A day or an instant; what is due that day does not count")
    overdue: bool | None = Field(None, description="Open, and due before now, or before today")
    due: list[DueIn] = Field(
        default_factory=list,
        description="When they are due, as `group_by=due` groups them: `next7days` begins tomorrow, `past` is what was "
        "due before today and is closed; repeat for OR",
        max_length=len(DueIn),
    )
    date: Day | None = Field(None, description="Due that day, or being worked on")
    tz: Timezone | None = Field(
        None, description="The time zone in which days are meant, such as `Europe/Berlin`; your own unless you give one"
    )
    updated_since: Instant | None = Field(None, description="Changed at that instant or later")
    q: SearchText | None = Field(
        None,
        description="Whole words in title or description, as a web search takes them, or the key of a task",
    )
    fields: FieldConditions = Field(
        default_factory=dict,
        description="`field.<key>=`: the value of a custom field, or `none`; repeat one for OR. A user's may be `me`",
        examples=[{"field.severity": "high"}],
    )
    filter: FilterText | None = Field(
        None,
        description="An expression of the filter language, such as `priority:>=high -status:done (bug OR due:today)`; "
        "the other parameters narrow what it finds",
        examples=["is:open priority:>=high"],
    )
    sort: TaskSort | None = Field(None, description=SORT_IN_WORDS)


class TaskFilter(TaskConditions):
    expand: Expansions = Field(default_factory=list, description="What to show in full, as `assignees,project`")
    view: ClientId | None = Field(
        None,
        description="The id of a saved view: its filter narrows the list, its sort orders it unless you sort it",
        examples=["01990f0e-7b1c-7e4a-8b7e-0f3c5d2a9b10"],
    )

    group_by: GroupBy | None = Field(
        None,
        description="Answers `{groups: [...]}` instead: of each group its key, how many tasks it has, and its first "
        f"page, {MAX_OF_GROUP} tasks at most. A group goes on by its `next_cursor` with the same query, in which the "
        "parameter of this name has the group's key (`status=todo&cursor=…`) instead of `group_by`",
    )

    @model_validator(mode="after")
    def _groups_are_walked_one_by_one(self) -> Self:
        if self.group_by is not None:
            if self.cursor is not None or self.page is not None or self.include:
                raise ValueError("group_by takes no cursor, page or include: go on in one group, without group_by")
            if self.limit > MAX_OF_GROUP:
                raise ValueError(f"with group_by, limit is {MAX_OF_GROUP} at most: so many of each group")
        return self

    def walking(self, walk: Walk) -> Self:
        """A cursor of a view belongs to what that said, so it is read once the view is: the walk has a state then."""
        return self.standing(walk) if self.view is not None and not walk.state else super().walking(walk)


class ProjectTaskFilter(TaskFilter):
    include_children: bool = Field(
        False, description="With the tasks of the projects below it that you are in, but for archived ones"
    )


class SharedTaskFilter(TaskConditions):
    """By a share link there is no `me`, people are ids (nothing tells their names), and days are its maker's."""

    assignee: list[AssigneeOfShared] = Field(default_factory=list, description="`none` or a user's id", max_length=50)
    creator: list[Person] = Field(default_factory=list, description="A user's id", max_length=50)
    tz: Timezone | None = Field(
        None,
        description="The time zone in which days are meant, such as `Europe/Berlin`; else that of the link's maker",
    )
