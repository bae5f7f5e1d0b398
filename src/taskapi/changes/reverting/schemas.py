"""What taking something back answers."""

from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.core.change_log.rendering import ChangeRead


class Reverted(BaseModel):
    """The changes that took others back. They are changes as any other: revert them, and it is as it was again."""

    batch_id: UUID | None = Field(description="What they share; null where there was nothing to take back")
    items: list[ChangeRead] = Field(description="In the order in which they happened")
