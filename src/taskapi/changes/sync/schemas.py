"""Changes as somebody reads them who keeps a copy."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from taskapi.changes.markers import Marker
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.change_log.rendering import ChangeRead
from taskapi.core.lists.paging import DEFAULT_LIMIT, MAX_LIMIT

MAX_CURSOR = 200


class ChangesWanted(BaseModel):
    """Which changes, and from where on: for pages and streams alike."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Annotated[str, Field(min_length=1, max_length=MAX_CURSOR)] | None = Field(
        None, description="The cursor of the last change that you have; absent: from now on", examples=["…"]
    )
    project: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        None, description="Of this project alone, by its id or key; absent: of all that you are in", examples=["WEB"]
    )
    kind: list[ChangeKind] = Field(
        default_factory=list,
        max_length=len(ChangeKind),
        description="Of these kinds alone; markers come always",
    )


class ChangesParams(ChangesWanted):
    """A page of them."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="How many items at most")


class SyncedChange(ChangeRead):
    """A change, or a marker: that a project is yours to see no more, or from now on."""

    kind: ChangeKind | Marker = Field(  # type: ignore[assignment] # a copy is told of more than happened
        description="What happened; or a marker, which has no fields and nobody who made it",
        examples=[ChangeKind.TASK_UPDATED],
    )


class NextChanges(BaseModel):
    """What came next; no page of a list, for there is no last one."""

    items: list[SyncedChange] = Field(description="In the order in which they were committed; maybe none")
    next_cursor: str = Field(description="Give it as `since` next time; it is always there", examples=["…"])
    has_more: bool = Field(description="Whether to ask again at once; a page may be short, or empty, and not the last")
