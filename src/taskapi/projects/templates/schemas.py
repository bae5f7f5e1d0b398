"""Templates of tasks as clients write and read them."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.core.fields import Estimate, Input, Name, NewId, Patch, Prose, Title, example
from taskapi.core.lists.paging import PageParams
from taskapi.core.lists.sorting import Sorts
from taskapi.models import Priority
from taskapi.projects.fields.schemas import MOST as MOST_FIELDS
from taskapi.projects.schemas import AssigneeIds, LabelIds

SORTS = ("name", "created_at")
MOST_ITEMS: Final = 200
MOST_SUBTASKS: Final = 50
_DueInDays = Annotated[int, Field(strict=True, ge=0, le=3650)]
_Fields = Annotated[dict[str, Any], Field(max_length=MOST_FIELDS)]
_Checklist = Annotated[list[Title], Field(max_length=MOST_ITEMS)]
_Subtasks = Annotated[list[Title], Field(max_length=MOST_SUBTASKS)]

_NAME: Final = "What people choose it by; unique in the project, whatever the case of its letters"
_TITLE: Final = "The title of its tasks"
_DESCRIPTION: Final = "The description of its tasks, in Markdown"
_PRIORITY: Final = "How pressing its tasks are"
_ESTIMATE: Final = "How much work a task of it is, in the `estimate_unit` of the project"
_DUE: Final = "So many days after a task is made it is due; 0: on the same day"
_ASSIGNEES: Final = "The ids of the members who do its tasks"
_LABELS: Final = "The ids of the labels of its tasks"
_FIELDS: Final = "Values of the project's custom fields, by key"
_CHECKLIST: Final = "The items of the checklist of its tasks, from the top"
_SUBTASKS: Final = "The titles of the subtasks of its tasks"


class TaskTemplateCreate(Input):
    """A new template of tasks; only its name is needed."""

    model_config = example(
        name="Release",
        title="Release a new version",
        priority="high",
        due_in_days=7,
        checklist=["Read the change log once more", "Tell the newsletter"],
        subtasks=["Build", "Try it out", "Announce"],
    )

    id: NewId | None = Field(None, description="Made by the server unless you give one")
    name: Name = Field(description=_NAME)
    title: Title | None = Field(None, description=f"{_TITLE}; its name unless you give one")
    description: Prose | None = Field(None, description=_DESCRIPTION)
    priority: Priority = Field(Priority.NONE, description=_PRIORITY)
    estimate: Estimate | None = Field(None, description=_ESTIMATE)
    due_in_days: _DueInDays | None = Field(None, description=_DUE)
    assignee_ids: AssigneeIds = Field(default_factory=list, description=_ASSIGNEES)
    label_ids: LabelIds = Field(default_factory=list, description=_LABELS)
    fields: _Fields = Field(default_factory=dict, description=_FIELDS)
    checklist: _Checklist = Field(default_factory=list, description=_CHECKLIST)
    subtasks: _Subtasks = Field(default_factory=list, description=_SUBTASKS)


class TaskTemplateUpdate(Patch):
    """Absent fields stay; null clears, where that is allowed. What was made from it stays as it is."""

    model_config = example(name="Release", due_in_days=14, subtasks=["Build", "Try it out", "Translate", "Announce"])

    name: Name = Field("", description=_NAME)
    title: Title = Field("", description=_TITLE)
    description: Prose | None = Field(None, description=_DESCRIPTION)
    priority: Priority = Field(Priority.NONE, description=_PRIORITY)
    estimate: Estimate | None = Field(None, description=_ESTIMATE)
    due_in_days: _DueInDays | None = Field(None, description=_DUE)
    assignee_ids: AssigneeIds = Field(default_factory=list, description=_ASSIGNEES)
    label_ids: LabelIds = Field(default_factory=list, description=_LABELS)
    fields: _Fields = Field(default_factory=dict, description=f"{_FIELDS}; those not named stay, null takes one away")
    checklist: _Checklist = Field(default_factory=list, description=_CHECKLIST)
    subtasks: _Subtasks = Field(default_factory=list, description=_SUBTASKS)


class TaskTemplateRead(BaseModel):
    """A template of tasks."""

    id: UUID
    name: str = Field(description=_NAME, examples=["Release"])
    title: str = Field(description=_TITLE, examples=["Release a new version"])
    description: str | None = Field(description=_DESCRIPTION, examples=["As **docs/releasing.md** says."])
    priority: Priority = Field(description=_PRIORITY, examples=[Priority.HIGH])
    estimate: float | None = Field(description=_ESTIMATE, examples=[3])
    due_in_days: int | None = Field(description=_DUE, examples=[7])
    assignee_ids: list[UUID] = Field(description=_ASSIGNEES)
    label_ids: list[UUID] = Field(description=_LABELS)
    fields: dict[str, Any] = Field(description=_FIELDS, examples=[{"severity": "high"}])
    checklist: list[str] = Field(description=_CHECKLIST, examples=[["Tell the newsletter"]])
    subtasks: list[str] = Field(description=_SUBTASKS, examples=[["Build", "Announce"]])
    created_at: datetime
    version: int


class TaskTemplateFilter(PageParams):
    sort: Annotated[str, Sorts(*SORTS)] = Field("name", description=f"Of {', '.join(SORTS)}; `-` turns it round")
