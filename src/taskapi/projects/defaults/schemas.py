"""The defaults of a project as clients write and read them."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from taskapi.core.fields import ClientId, Patch, StatusKey, example, without_repeats
from taskapi.models import Priority

_MOST_ASSIGNEES = 50
_MOST_LABELS = 100
_Assignees = Annotated[list[ClientId], Field(max_length=_MOST_ASSIGNEES), AfterValidator(without_repeats)]
_Labels = Annotated[list[ClientId], Field(max_length=_MOST_LABELS), AfterValidator(without_repeats)]


class ProjectDefaultsUpdate(Patch):
    """Absent ones stay; null takes one away."""

    model_config = example(status="backlog", priority="medium")

    status: StatusKey | None = Field(None, description="The key of the status that new tasks start in")
    priority: Priority | None = Field(None, description="How pressing new tasks are")
    assignee_ids: _Assignees | None = Field(None, description="The ids of the members who do new tasks")
    label_ids: _Labels | None = Field(None, description="The ids of the labels of new tasks")


class ProjectDefaults(BaseModel):
    """What new tasks start with where they say nothing; what has gone from the project since counts as absent."""

    status: str | None = Field(None, description="The key of the status that new tasks start in", examples=["backlog"])
    priority: Priority | None = Field(None, description="How pressing new tasks are", examples=[Priority.MEDIUM])
    assignee_ids: list[UUID] | None = Field(None, description="The ids of the members who do new tasks")
    label_ids: list[UUID] | None = Field(None, description="The ids of the labels of new tasks")
