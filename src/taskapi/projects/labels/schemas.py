"""Labels as clients write and read them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.core.fields import Color, Input, Name, NewId, Patch
from taskapi.core.lists.paging import PageParams
from taskapi.core.lists.sorting import Sorts

SORTS = ("name", "created_at")


class LabelCreate(Input):
    id: NewId | None = Field(None, description="Made by the server unless you give one")
    name: Name = Field(description="Unique in the project, whatever the case of its letters", examples=["bug"])
    color: Color = Field(examples=["#d73a4a"])


class LabelUpdate(Patch):
    """Absent fields stay."""

    name: Name = ""
    color: Color = ""


class LabelRead(BaseModel):
    id: UUID
    name: str
    color: str
    created_at: datetime
    version: int


class LabelFilter(PageParams):
    sort: Annotated[str, Sorts(*SORTS)] = Field("name", description=f"Of {', '.join(SORTS)}; `-` turns it round")
