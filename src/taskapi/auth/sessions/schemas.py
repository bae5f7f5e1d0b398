"""A sign-in as its owner sees it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field


class SessionRead(BaseModel):
    id: UUID
    user_agent: str | None
    address: str | None
    created_at: datetime
    last_used_at: datetime = Field(description="When it was last refreshed")
    expires_at: datetime
    current: bool = Field(description="Whether it is the one that asks")
