"""Saved views as clients write and read them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.core.fields import Input, Name, NewId, Patch, example
from taskapi.core.lists.paging import PageParams
from taskapi.core.lists.sorting import Sorts
from taskapi.tasks.filters.schemas import SORT_IN_WORDS, FilterText, TaskSort

SORTS = ("name", "created_at")
_ProjectName = Annotated[str, Field(max_length=40)]


class ViewCreate(Input):
    """A new view; without a project it is over all of yours, and yours alone."""

    model_config = example(name="Late and pressing", filter="is:overdue priority:>=high", sort="due")

    id: NewId | None = Field(None, description="Made by the server unless you give one")
    name: Name = Field(description="What you call it")
    filter: FilterText = Field("", description="An expression of the filter language; empty: every task")
    sort: TaskSort | None = Field(None, description=f"{SORT_IN_WORDS}. The list's own order unless you give one")
    project: _ProjectName | None = Field(None, description="The id or key of the project it belongs to")
    shared: bool = Field(False, strict=True, description="Whether every member of the project sees it")


class ViewUpdate(Patch):
    """Absent fields stay. The project stays as it is."""

    model_config = example(name="Late", filter="is:overdue", sort="-priority,due")

    name: Name = Field("", description="What you call it")
    filter: FilterText = Field("", description="An expression of the filter language; empty: every task")
    sort: TaskSort | None = Field(None, description=f"{SORT_IN_WORDS}. null: the list's own order")
    shared: bool = Field(
        False, strict=True, description="Whether every member of the project sees it; only its maker takes it back"
    )


class ViewRead(BaseModel):
    """A saved view."""

    id: UUID
    name: str = Field(description="What its makers call it", examples=["Late and pressing"])
    filter: str = Field(
        description="An expression of the filter language; empty: every task", examples=["is:overdue priority:>=high"]
    )
    sort: str | None = Field(description="In which order it lists; null: in the list's own", examples=["due"])
    project_id: UUID | None = Field(description="The project it belongs to; null: it is over all of its maker's")
    shared: bool = Field(description="Whether every member of the project sees it", examples=[False])
    created_by: UUID = Field(description="Who made it; of a personal one, who alone sees it")
    created_at: datetime
    updated_at: datetime
    version: int


class ViewFilter(PageParams):
    project: _ProjectName | None = Field(
        None, description="The id or key of a project: the views that belong to it", examples=["WEB"]
    )
    sort: Annotated[str, Sorts(*SORTS)] = Field("name", description=f"Of {', '.join(SORTS)}; `-` turns it round")
