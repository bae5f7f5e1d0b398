"""A change as its readers see it, whichever way they read the log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.db.statements import Expression
from taskapi.models import Event

# Who acted with which credential, and in which request, is for those who audit the service.
CHANGE_FIELDS: Final[Mapping[str, Expression]] = {
    "id": Event.id,
    "at": Event.at,
    "kind": Event.kind,
    "actor_id": Event.actor_id,
    "project_id": Event.project_id,
    "subject_type": Event.subject_type,
    "subject_id": Event.subject_id,
    "subject_key": Event.subject_key,
    "changes": Event.changes,
    "batch_id": Event.batch_id,
}

CompleteSince = Annotated[
    datetime | None,
    Field(
        description="The change log is kept for some time only, and tells everything from here on. Null: from the"
        " beginning",
        examples=["2026-11-01T00:00:00Z"],
    ),
]


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
