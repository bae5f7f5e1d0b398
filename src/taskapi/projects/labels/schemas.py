"""Labels as clients write and read them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.core.fields import Color, Input, Name, NewId, Patch, example
from taskapi.core.lists.paging import PageParams
from taskapi.core.lists.sorting import Sorts

SORTS = ("name", "created_at")


class LabelCreate(Input):
    """A new label of a project."""

    model_config = example(name="bug", color="#d73a4a")

    id: NewId | None = Field(None, description="Made by the server unless you give one")
    name: Name = Field(description="Unique in the project, whatever the case of its letters")
    color: Color = Field(description="`#` and six hexadecimal digits")


class LabelUpdate(Patch):
    """Absent fields stay."""

    model_config = example(name="defect", color="#b60205")

    name: Name = Field("", description="Unique in the project, whatever the case of its letters")
    color: Color = Field("", description="`#` and six hexadecimal digits")


class LabelRead(BaseModel):
    """A label of a project."""

    id: UUID
    name: str = Field(description="Unique in the project, whatever the case of its letters", examples=["bug"])
    color: str = Field(description="`#` and six hexadecimal digits", examples=["#d73a4a"])
    created_at: datetime
    version: int


class LabelFilter(PageParams):
    sort: Annotated[str, Sorts(*SORTS)] = Field("name", description=f"Of {', '.join(SORTS)}; `-` turns it round")
