"""Members as clients write and read them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.core.fields import ClientId, Input, Patch
from taskapi.models import ProjectRole


class MemberCreate(Input):
    user_id: ClientId
    role: ProjectRole


class MemberUpdate(Patch):
    """An absent role stays."""

    role: ProjectRole = ProjectRole.VIEWER


class Transfer(Input):
    user_id: ClientId = Field(description="A member of the project")


class UserBrief(BaseModel):
    id: UUID
    username: str
    full_name: str | None


class MemberRead(BaseModel):
    user: UserBrief
    role: ProjectRole
    joined_at: datetime
