"""Changes as clients read them."""

from pydantic import BaseModel, Field

from taskapi.core.access.permissions import Permission, Scope
from taskapi.core.change_log.kinds import ChangeKind


class ChangeKindRead(BaseModel):
    kind: ChangeKind
    subject: str = Field(description="The type of what changed", examples=["task"])
    description: str
    permission: Permission = Field(description="What a reader needs: in the project, or as an administrator")
    scope: Scope | None = Field(description="What an API token needs besides; null: no API token reads it")


class ChangeKinds(BaseModel):
    items: list[ChangeKindRead]
