"""A sign-in as its owner sees it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field


class SessionRead(BaseModel):
    """A place where you are signed in."""

    id: UUID
    user_agent: str | None = Field(description="The program it was begun with", examples=["Mozilla/5.0 (X11; Linux)"])
    address: str | None = Field(description="From where it was last refreshed", examples=["203.0.113.7"])
    created_at: datetime
    last_used_at: datetime = Field(description="When it was last refreshed", examples=["2026-11-21T09:30:00.000000Z"])
    expires_at: datetime
    current: bool = Field(description="Whether it is the one that asks", examples=[True])
