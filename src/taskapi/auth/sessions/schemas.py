"""A session as its owner sees it, and what refreshes one."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from taskapi.core.fields import Input

RefreshToken = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[\x21-\x7e]+$")]


class RefreshRequest(Input):
    refresh_token: RefreshToken


class SessionRead(BaseModel):
    id: UUID
    user_agent: str | None
    address: str | None
    created_at: datetime
    last_used_at: datetime = Field(description="When it was last refreshed")
    expires_at: datetime
    current: bool = Field(description="Whether it is the one that asks")
