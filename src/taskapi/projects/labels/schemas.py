"""Labels as clients write and read them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.core.fields import ClientId, Color, Input, Name, Patch
from taskapi.core.lists.paging import PageParams
from taskapi.core.lists.sorting import sort_parameter

SORTS = ("name", "created_at")


class LabelCreate(Input):
    id: ClientId | None = Field(None, description="Made by the server unless you give one")
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
    sort: sort_parameter(SORTS) = Field("name", description=f"Of {', '.join(SORTS)}; `-` turns it round")  # type: ignore[valid-type]
