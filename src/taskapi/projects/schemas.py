"""Projects as clients write and read them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool

from taskapi.core.fields import Color, Input, Name, NewId, Patch, ProjectKey, Prose, SearchText
from taskapi.core.lists.paging import PageParams
from taskapi.core.lists.sorting import Sorts
from taskapi.models import ProjectRole

SORTS = ("name", "key", "created_at", "updated_at")


class ProjectCreate(Input):
    id: NewId | None = Field(None, description="Made by the server unless you give one: a UUIDv7 of today")
    key: ProjectKey = Field(description="Short and for ever: tasks are numbered `KEY-1`, `KEY-2`, …")
    name: Name
    description: Prose | None = None
    color: Color | None = Field(None, examples=["#2f6feb"])


class ProjectUpdate(Patch):
    """Absent fields stay; null clears, where that is allowed."""

    name: Name = ""
    description: Prose | None = None
    color: Color | None = None
    archived: StrictBool = Field(False, description="Frozen: read, but not written; access can still be taken away")


class ProjectRead(BaseModel):
    id: UUID
    key: str
    name: str
    description: str | None
    color: str | None
    archived: bool
    role: ProjectRole = Field(description="Yours")
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
