"""Statuses as clients read them."""

from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.models import StatusCategory


class StatusRead(BaseModel):
    id: UUID
    key: str = Field(description="What `status` of a task says")
    name: str
    category: StatusCategory
    position: int
    wip_limit: int | None
    version: int
