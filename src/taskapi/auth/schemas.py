"""An account as clients see it, and what it is opened with."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from taskapi.core.fields import Email
from taskapi.core.secrets.passwords import MAX_LENGTH
from taskapi.models import SystemRole

Password = Annotated[str, StringConstraints(min_length=1, max_length=MAX_LENGTH)]
TotpCode = Annotated[str, StringConstraints(max_length=40, pattern=r"^[0-9A-Za-z -]{6,40}$")]
LinkToken = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]


class UserRead(BaseModel):
    """A user."""

    id: UUID
    username: str = Field(description="What they sign in with", examples=["maria"])
    email: Email | None = Field(
        description="Where mail reaches them; null where you may not see it", examples=["maria@example.com"]
    )
    full_name: str | None = Field(description="What people call them", examples=["Maria Berger"])
    role: SystemRole = Field(description="What they may do in the whole service", examples=[SystemRole.USER])
    is_active: bool = Field(description="Whether they may sign in", examples=[True])
    email_verified: bool = Field(description="Whether the address is proven to be theirs", examples=[True])
    timezone: str = Field(description="An IANA name", examples=["Europe/Vienna"])
    locale: str = Field(description="A language, and maybe a region", examples=["de-AT"])
    created_at: datetime
    version: int
