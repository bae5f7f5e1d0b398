"""Statuses as clients read them."""

from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.models import StatusCategory


class StatusRead(BaseModel):
    """A column of a project."""

    id: UUID
    key: str = Field(description="What `status` of a task says", examples=["in_progress"])
    name: str = Field(description="What people call it", examples=["In progress"])
    category: StatusCategory = Field(description="What it means for the task", examples=[StatusCategory.STARTED])
    position: int = Field(description="From the left, from 0", examples=[2])
    wip_limit: int | None = Field(description="How many tasks shall be in it at most; null: any number", examples=[5])
    version: int
