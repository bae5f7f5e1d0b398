"""Changes as clients read them."""

from pydantic import BaseModel, Field

from taskapi.changes.markers import Marker
from taskapi.core.access.permissions import Permission, Scope
from taskapi.core.change_log.kinds import ChangeKind


class ChangeKindRead(BaseModel):
    """A kind of change, and what a reader of it needs."""

    kind: ChangeKind | Marker = Field(description="Its name", examples=[ChangeKind.TASK_CREATED])
    subject: str = Field(description="The type of what changed", examples=["task"])
    description: str = Field(description="What happened, in words", examples=[ChangeKind.TASK_CREATED.description])
    permission: Permission = Field(description="What a reader needs: in the project, or as an administrator")
    scope: Scope | None = Field(description="What an API token needs besides; null: no API token reads it")
    revertible: bool = Field(description="Whether `POST /changes/{change_id}/revert` can take it back")


class ChangeKinds(BaseModel):
    """All of them."""

    items: list[ChangeKindRead]
