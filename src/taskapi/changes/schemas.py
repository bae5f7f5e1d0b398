"""Changes as clients read them."""

from datetime import datetime
from typing import Any
from uuid import UUID

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


class ChangeRead(BaseModel):
    """Something that happened: what changed, from what to what."""

    id: UUID
    at: datetime = Field(description="When")
    kind: ChangeKind = Field(description="What happened", examples=[ChangeKind.TASK_UPDATED])
    actor_id: UUID | None = Field(description="Who did it; null: the service itself")
    project_id: UUID | None = Field(description="Where; null: in no project")
    subject_type: str = Field(description="The type of what changed", examples=["task"])
    subject_id: UUID = Field(description="What changed")
    subject_key: str | None = Field(
        description="The key of the task or the project that it is, or is a part of, as it was then", examples=["WEB-1"]
    )
    changes: dict[str, tuple[Any, Any]] = Field(
        description="Before and after, by field; of what is new before is null, of what is gone after",
        examples=[{"priority": ["none", "high"]}],
    )
    batch_id: UUID | None = Field(description="Shared by all that happened in one step, and can be undone in one")
