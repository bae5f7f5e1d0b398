"""Milestones as clients write and read them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool

from taskapi.core.fields import Day, Input, Name, NewId, Patch, Prose, example
from taskapi.core.lists.paging import PageParams
from taskapi.core.lists.sorting import Sorts

SORTS = ("due_on", "name", "created_at")


class MilestoneCreate(Input):
    """A new milestone of a project."""

    model_config = example(name="1.0", description="What we promised for the fair.", due_on="2026-12-18")

    id: NewId | None = Field(None, description="Made by the server unless you give one")
    name: Name = Field(description="Unique in the project, whatever the case of its letters")
    description: Prose | None = Field(None, description="What it is about, in Markdown")
    due_on: Day | None = Field(None, description="The day it should be reached")


class MilestoneUpdate(Patch):
    """Absent fields stay; null clears, where that is allowed."""

    model_config = example(name="1.0", due_on="2027-01-15", closed=True)

    name: Name = Field("", description="Unique in the project, whatever the case of its letters")
    description: Prose | None = Field(None, description="What it is about, in Markdown")
    due_on: Day | None = Field(None, description="The day it should be reached")
    closed: StrictBool = Field(False, description="Reached, or given up; its tasks stay as they are")


class Progress(BaseModel):
    """How far the tasks are; those in the trash do not count."""

    total: int = Field(description="How many tasks there are", examples=[8])
    done: int = Field(description="How many of them are in a `done` or `cancelled` status", examples=[5])


class MilestoneRead(BaseModel):
    """A milestone of a project."""

    id: UUID
    name: str = Field(description="Unique in the project, whatever the case of its letters", examples=["1.0"])
    description: str | None = Field(
        description="What it is about, in Markdown", examples=["What we promised for the fair."]
    )
    due_on: date | None = Field(description="The day it should be reached", examples=["2026-12-18"])
    closed: bool = Field(description="Whether it was reached, or given up", examples=[False])
    created_at: datetime
    version: int
    progress: Progress = Field(description="How far its tasks are")


class MilestoneFilter(PageParams):
    sort: Annotated[str, Sorts(*SORTS)] = Field(
        "due_on", description=f"Of {', '.join(SORTS)}; `-` turns it round; those without a day come last"
    )
