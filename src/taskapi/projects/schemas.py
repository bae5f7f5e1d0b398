"""Projects as clients write and read them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StrictBool

from taskapi.core.fields import (
    ClientId,
    Color,
    Input,
    Instant,
    Name,
    NewId,
    Patch,
    ProjectKey,
    Prose,
    SearchText,
    StatusKey,
    example,
    without_repeats,
)
from taskapi.core.lists.paging import PageParams
from taskapi.core.lists.sorting import Sorts
from taskapi.models import EstimateUnit, Priority, ProjectRole

SORTS = ("name", "key", "created_at", "updated_at", "position")
_PROJECT_ID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_MOST_ASSIGNEES = 50
_MOST_LABELS = 100
AssigneeIds = Annotated[list[ClientId], Field(max_length=_MOST_ASSIGNEES), AfterValidator(without_repeats)]
LabelIds = Annotated[list[ClientId], Field(max_length=_MOST_LABELS), AfterValidator(without_repeats)]


class ProjectCreate(Input):
    """A new project."""

    model_config = example(
        key="WEB", name="Website", description="What we show to the world, and how we make it.", color="#2f6feb"
    )

    id: NewId | None = Field(None, description="Made by the server unless you give one: a UUIDv7 of today")
    key: ProjectKey = Field(
        description="Short and for ever: tasks are numbered `KEY-1`, `KEY-2`, …; one that is taken is a 409"
    )
    name: Name = Field(description="What people call it")
    description: Prose | None = Field(None, description="What it is about, in Markdown")
    color: Color | None = Field(None, description="`#` and six hexadecimal digits")
    parent_id: ClientId | None = Field(None, description="The id of the project it is in, which you administer")
    is_template: StrictBool = Field(False, description="Whether it is there to be copied, and to be in no other list")
    template: Annotated[str, Field(max_length=40)] | None = Field(
        None, description="The id or key of a project to copy, with its tasks: statuses, labels and custom fields too"
    )
    estimate_unit: EstimateUnit = Field(
        EstimateUnit.POINTS, description="What the estimates of its tasks are counted in; `points` unless you say"
    )


class ProjectDefaultsUpdate(Patch):
    """Absent ones stay; null takes one away."""

    model_config = example(status="backlog", priority="medium")

    status: StatusKey | None = Field(None, description="The key of the status that new tasks start in")
    priority: Priority | None = Field(None, description="How pressing new tasks are")
    assignee_ids: AssigneeIds | None = Field(None, description="The ids of the members who do new tasks")
    label_ids: LabelIds | None = Field(None, description="The ids of the labels of new tasks")


class ProjectDefaults(BaseModel):
    """What new tasks start with where they say nothing; what has gone from the project since counts as absent."""

    status: str | None = Field(None, description="The key of the status that new tasks start in", examples=["backlog"])
    priority: Priority | None = Field(None, description="How pressing new tasks are", examples=[Priority.MEDIUM])
    assignee_ids: list[UUID] | None = Field(None, description="The ids of the members who do new tasks")
    label_ids: list[UUID] | None = Field(None, description="The ids of the labels of new tasks")


class ProjectUpdate(Patch):
    """Absent fields stay; null clears, where that is allowed."""

    model_config = example(name="Website relaunch", color="#1f883d")

    name: Name = Field("", description="What people call it")
    description: Prose | None = Field(None, description="What it is about, in Markdown")
    color: Color | None = Field(None, description="`#` and six hexadecimal digits")
    estimate_unit: EstimateUnit = Field(
        EstimateUnit.POINTS,
        description="What the estimates of its tasks are counted in; the numbers that are there stay as they are",
    )
    defaults: ProjectDefaultsUpdate | None = Field(
        None, description="What new tasks start with where they say nothing; merged as the rest, null: nothing"
    )
    parent_id: ClientId | None = Field(
        None, description="The id of the project it is in, which you administer; null: in none"
    )
    is_template: StrictBool = Field(False, description="Whether it is there to be copied, and to be in no other list")
    archived: StrictBool = Field(False, description="Frozen: read, but not written; access can still be taken away")


class ProjectRead(BaseModel):
    """A project, as you see it."""

    id: UUID
    key: str = Field(description="Begins the key of each of its tasks; never changes", examples=["WEB"])
    name: str = Field(description="What people call it", examples=["Website"])
    description: str | None = Field(
        description="What it is about, in Markdown", examples=["What we show to the world."]
    )
    color: str | None = Field(description="`#` and six hexadecimal digits", examples=["#2f6feb"])
    estimate_unit: EstimateUnit = Field(
        description="What the estimates of its tasks are counted in", examples=[EstimateUnit.POINTS]
    )
    defaults: ProjectDefaults = Field(description="What new tasks start with where they say nothing")
    archived: bool = Field(description="Whether it can be read but not written", examples=[False])
    role: ProjectRole = Field(description="Yours in it", examples=[ProjectRole.OWNER])
    is_favourite: bool = Field(description="Whether it is one of your favourites", examples=[False])
    is_template: bool = Field(description="Whether it is there to be copied", examples=[False])
    parent_id: UUID | None = Field(description="The id of the project it is in, whether or not you are")
    created_by: UUID
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    version: int


class ProjectFilter(PageParams):
    archived: bool = Field(False, description="The archived ones instead")
    trashed: bool = Field(False, description="Those in the trash instead, which their owner can restore")
    favourite: bool | None = Field(None, description="Your favourites; false: the others")
    template: bool = Field(False, description="The templates instead")
    parent: Annotated[str, Field(pattern=rf"^(?:none|{_PROJECT_ID})$")] | None = Field(
        None, description="The id of the project they are in, or `none`: those that are in no other", examples=["none"]
    )
    role: list[ProjectRole] = Field(
        default_factory=list, description="Your role; repeat for OR", max_length=len(ProjectRole)
    )
    q: SearchText | None = Field(None, description="Part of the name or the key")
    sort: Annotated[str, Sorts(*SORTS)] = Field("name", description=f"Of {', '.join(SORTS)}; `-` turns it round")


class ProjectView(Input):
    at: Instant | None = Field(
        None,
        description="A moment: the project as it was then, without an ETag; `role` and `is_favourite` are of now",
        examples=["2026-11-01T12:00:00Z"],
    )
