"""Members as clients write and read them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from taskapi.core.fields import ClientId, Input
from taskapi.models import ProjectRole


class MemberCreate(Input):
    user_id: ClientId
    role: ProjectRole


class UserBrief(BaseModel):
    id: UUID
    username: str
    full_name: str | None


class MemberRead(BaseModel):
    user: UserBrief
    role: ProjectRole
    joined_at: datetime
