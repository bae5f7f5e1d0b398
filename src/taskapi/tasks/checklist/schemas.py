"""Checklist items as clients write and read them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.core.fields import Input, NewId, Patch, Title, example

MOST = 200
Position = Annotated[int, Field(strict=True, ge=0, le=MOST - 1)]


class ItemCreate(Input):
    """A new item of a task's checklist."""

    model_config = example(text="Ask for a second pair of eyes")

    id: NewId | None = Field(None, description="Made by the server unless you give one")
    text: Title = Field(description="What is to be done, in one line")
    done: Annotated[bool, Field(strict=True)] = Field(False, description="Whether it is done already")
    position: Position | None = Field(None, description="From the top, from 0; beyond the last, or not given: last")


class ItemUpdate(Patch):
    """Absent fields stay."""

    model_config = example(done=True)

    text: Title = Field("", description="What is to be done, in one line")
    done: Annotated[bool, Field(strict=True)] = Field(False, description="Whether it is done")
    position: Position = Field(0, description="From the top, from 0; beyond the last: last")


class ItemRead(BaseModel):
    """An item of a task's checklist."""

    id: UUID
    task_id: UUID = Field(description="The id of its task")
    text: str = Field(description="What is to be done, in one line", examples=["Ask for a second pair of eyes"])
    done: bool = Field(description="Whether it is done", examples=[False])
    position: int = Field(description="From the top, from 0", examples=[0])
    created_at: datetime
    version: int
