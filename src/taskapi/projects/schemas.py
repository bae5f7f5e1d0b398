"""Projects as clients write and read them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool

from taskapi.core.fields import Color, Input, Name, NewId, Patch, ProjectKey, Prose, SearchText, example
from taskapi.core.lists.paging import PageParams
from taskapi.core.lists.sorting import Sorts
from taskapi.models import ProjectRole
from taskapi.projects.defaults.schemas import ProjectDefaults, ProjectDefaultsUpdate

SORTS = ("name", "key", "created_at", "updated_at")


class ProjectCreate(Input):
    """A new project."""

    model_config = example(
        key="WEB", name="Website", description="What we show to the world, and how we make it.", color="#2f6feb"
    )

    id: NewId | None = Field(None, description="Made by the server unless you give one: a UUIDv7 of today")
    key: ProjectKey = Field(
        description="Short and for ever: tasks are numbered `KEY-1`, `KEY-2`, …; one that is taken is a 409"
    )
    name: Name = Field(description="What people call it")
    description: Prose | None = Field(None, description="What it is about, in Markdown")
    color: Color | None = Field(None, description="`#` and six hexadecimal digits")


class ProjectUpdate(Patch):
    """Absent fields stay; null clears, where that is allowed."""

    model_config = example(name="Website relaunch", color="#1f883d")

    name: Name = Field("", description="What people call it")
    description: Prose | None = Field(None, description="What it is about, in Markdown")
    color: Color | None = Field(None, description="`#` and six hexadecimal digits")
    defaults: ProjectDefaultsUpdate | None = Field(
        None, description="What new tasks start with where they say nothing; merged as the rest, null: nothing"
    )
    archived: StrictBool = Field(False, description="Frozen: read, but not written; access can still be taken away")


class ProjectRead(BaseModel):
    """A project, as you see it."""

    id: UUID
    key: str = Field(description="Begins the key of each of its tasks; never changes", examples=["WEB"])
    name: str = Field(description="What people call it", examples=["Website"])
    description: str | None = Field(
        description="What it is about, in Markdown", examples=["What we show to the world."]
    )
    color: str | None = Field(description="`#` and six hexadecimal digits", examples=["#2f6feb"])
    defaults: ProjectDefaults = Field(description="What new tasks start with where they say nothing")
    archived: bool = Field(description="Whether it can be read but not written", examples=[False])
    role: ProjectRole = Field(description="Yours in it", examples=[ProjectRole.OWNER])
    created_by: UUID
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    version: int


class ProjectFilter(PageParams):
    archived: bool = Field(False, description="The archived ones instead")
    trashed: bool = Field(False, description="Those in the trash instead, which their owner can restore")
    role: list[ProjectRole] = Field(
        default_factory=list, description="Your role; repeat for OR", max_length=len(ProjectRole)
    )
    q: SearchText | None = Field(None, description="Part of the name or the key")
    sort: Annotated[str, Sorts(*SORTS)] = Field("name", description=f"Of {', '.join(SORTS)}; `-` turns it round")
