"""Histories as clients ask for them."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.change_log.rendering import ChangeRead, CompleteSince
from taskapi.core.fields import Instant
from taskapi.core.lists.paging import Page, PageParams
from taskapi.tasks.filters.schemas import PERSON


class HistoryPage(Page[ChangeRead]):
    """A page of what happened."""

    complete_since: CompleteSince


class HistoryFilter(PageParams):
    kind: Annotated[list[ChangeKind], Field(max_length=len(ChangeKind))] = Field(
        default_factory=list, description="What happened; repeat for OR", examples=[[ChangeKind.TASK_COMPLETED]]
    )
    actor: Annotated[str, Field(pattern=rf"^(?:me|{PERSON})$")] | None = Field(
        None, description="Who did it: `me`, or a user's id", examples=["me"]
    )
    since: Instant | None = Field(None, description="From this instant on", examples=["2026-11-01T00:00:00Z"])
    until: Instant | None = Field(None, description="Before this instant", examples=["2026-12-01T00:00:00Z"])

    @model_validator(mode="after")
    def _since_before_until(self) -> Self:
        if self.since is not None and self.until is not None and self.since > self.until:
            raise ValueError("since must not be after until")
        return self

    def actor_id(self, caller_id: UUID) -> UUID | None:
        if self.actor is None:
            return None
        return caller_id if self.actor == "me" else UUID(self.actor)
