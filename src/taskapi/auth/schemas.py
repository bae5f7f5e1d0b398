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
    id: UUID
    username: str
    email: Email | None = Field(description="Null where you may not see it")
    full_name: str | None
    role: SystemRole
    is_active: bool
    email_verified: bool
    timezone: str
    locale: str
    created_at: datetime
    version: int
