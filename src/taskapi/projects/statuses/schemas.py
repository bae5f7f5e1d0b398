"""Statuses as clients write and read them."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.core.fields import Input, Name, NewId, Patch, StatusKey, example
from taskapi.models import StatusCategory

MOST = 50
Position = Annotated[int, Field(strict=True, ge=0, le=MOST - 1)]
WipLimit = Annotated[int, Field(strict=True, ge=1, le=1000)]


class StatusCreate(Input):
    """A new column of a project."""

    model_config = example(key="review", name="In review", category="started", position=3, wip_limit=5)

    id: NewId | None = Field(None, description="Made by the server unless you give one")
    key: StatusKey = Field(description="What `status` of a task says; never changes")
    name: Name = Field(description="What people call it")
    category: StatusCategory = Field(description="What it means for the task")
    position: Position | None = Field(None, description="From the left, from 0; beyond the last, or not given: last")
    wip_limit: WipLimit | None = Field(
        None, description="How many tasks may be in it: no more come in once they are; null: any number"
    )


class StatusUpdate(Patch):
    """Absent fields stay; null takes the limit away."""

    model_config = example(name="In review", wip_limit=3)

    name: Name = Field("", description="What people call it")
    category: StatusCategory = Field(StatusCategory.BACKLOG, description="What it means for the task")
    position: Position = Field(0, description="From the left, from 0; beyond the last: last")
    wip_limit: WipLimit | None = Field(
        None, description="How many tasks may be in it: no more come in once they are; null: any number"
    )


class StatusRemoval(Input):
    move_to: Annotated[str, Field(max_length=50)] | None = Field(
        None, description="The key or id of the status that its tasks get, those in the trash included"
    )


class StatusRead(BaseModel):
    """A column of a project."""

    id: UUID
    key: str = Field(description="What `status` of a task says", examples=["in_progress"])
    name: str = Field(description="What people call it", examples=["In progress"])
    category: StatusCategory = Field(description="What it means for the task", examples=[StatusCategory.STARTED])
    position: int = Field(description="From the left, from 0", examples=[2])
    wip_limit: int | None = Field(
        description="How many tasks may be in it: no more come in once they are; null: any number", examples=[5]
    )
    version: int
