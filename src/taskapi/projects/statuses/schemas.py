"""Statuses as clients write and read them."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.core.fields import Input, Name, NewId, Patch, StatusKey
from taskapi.models import StatusCategory

MOST = 50
Position = Annotated[
    int, Field(strict=True, ge=0, le=MOST - 1, description="From the left, from 0; beyond the last: last")
]
WipLimit = Annotated[int, Field(strict=True, ge=1, le=1000, description="How many tasks shall be in it at most")]


class StatusCreate(Input):
    id: NewId | None = Field(None, description="Made by the server unless you give one")
    key: StatusKey = Field(description="What `status` of a task says; never changes", examples=["review"])
    name: Name = Field(examples=["In review"])
    category: StatusCategory = Field(examples=["started"])
    position: Position | None = None
    wip_limit: WipLimit | None = None


class StatusUpdate(Patch):
    """Absent fields stay; null takes the limit away."""

    name: Name = ""
    category: StatusCategory = StatusCategory.BACKLOG
    position: Position = 0
    wip_limit: WipLimit | None = None


class StatusRemoval(Input):
    move_to: Annotated[str, Field(max_length=50)] | None = Field(
        None, description="The key or id of the status that its tasks get, those in the trash included"
    )


class StatusRead(BaseModel):
    id: UUID
    key: str = Field(description="What `status` of a task says")
    name: str
    category: StatusCategory
    position: int
    wip_limit: int | None
    version: int
