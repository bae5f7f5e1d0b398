"""Cycles as clients write and read them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.core.fields import Day, Input, Name, NewId, Patch, example
from taskapi.core.lists.paging import PageParams
from taskapi.core.lists.sorting import Sorts
from taskapi.projects.milestones.schemas import Progress

SORTS = ("starts_on", "name", "created_at")


class CycleCreate(Input):
    """A new cycle of a project."""

    model_config = example(name="Sprint 12", starts_on="2026-12-07", ends_on="2026-12-18")

    id: NewId | None = Field(None, description="Made by the server unless you give one")
    name: Name = Field(description="What people call it")
    starts_on: Day = Field(description="Its first day; no other cycle of the project has it")
    ends_on: Day = Field(description="Its last day, which may be the first")


class CycleUpdate(Patch):
    """Absent fields stay."""

    model_config = example(name="Sprint 12", ends_on="2026-12-20")

    name: Name = Field("", description="What people call it")
    starts_on: Day = Field(date.min, description="Its first day; no other cycle of the project has it")
    ends_on: Day = Field(date.min, description="Its last day, which may be the first")


class CycleRead(BaseModel):
    """A cycle of a project."""

    id: UUID
    name: str = Field(description="What people call it", examples=["Sprint 12"])
    starts_on: date = Field(description="Its first day", examples=["2026-12-07"])
    ends_on: date = Field(description="Its last day", examples=["2026-12-18"])
    created_at: datetime
    version: int
    progress: Progress = Field(description="How far its tasks are")


class CycleFilter(PageParams):
    sort: Annotated[str, Sorts(*SORTS)] = Field("starts_on", description=f"Of {', '.join(SORTS)}; `-` turns it round")
