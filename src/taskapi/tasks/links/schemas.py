"""Links as clients write and read them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.core.fields import Input, NewId, example
from taskapi.tasks.schemas import TaskBrief

MOST = 100


class LinkType(StrEnum):
    """What one task is to another."""

    BLOCKS = "blocks"
    RELATES_TO = "relates_to"
    DUPLICATES = "duplicates"


class Direction(StrEnum):
    """From where the link is looked at: it says `type` of the other task, or the other task says it of this one."""

    OUTGOING = "outgoing"
    INCOMING = "incoming"


class LinkCreate(Input):
    """A new link from this task to another one."""

    model_config = example(type="blocks", task_id="WEB-2")

    id: NewId | None = Field(None, description="Made by the server unless you give one")
    type: LinkType = Field(description="What this task does: `blocks`, `relates_to` or `duplicates` the other one")
    task_id: Annotated[str, Field(max_length=40)] = Field(description="The id or key of the other task")


class LinkRead(BaseModel):
    """A link, as one of its two tasks sees it."""

    id: UUID
    type: LinkType = Field(description="What the task it was made from is to the other", examples=[LinkType.BLOCKS])
    direction: Direction = Field(
        description="`outgoing`: this task blocks, relates to or duplicates the other; `incoming`: the other this one",
        examples=[Direction.OUTGOING],
    )
    task_id: UUID = Field(description="The id of the other task")
    task: TaskBrief = Field(description="The other task")
    created_at: datetime
    version: int
