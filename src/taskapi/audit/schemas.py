"""Security events as administrators read them."""

from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, Field

from taskapi.audit.audited import AUDITED, audited
from taskapi.core.callers import CallerKind
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.change_log.rendering import ChangeRead
from taskapi.core.fields import Instant
from taskapi.core.lists.paging import PageParams

_SOMEBODY: Final = "01a2009c-d3c4-7595-82ed-c491f179e972"
AuditedKind = Annotated[ChangeKind, AfterValidator(audited)]


class AuditRead(ChangeRead):
    """A security event: what happened, to whom or to what, by whom, and with which credential."""

    kind: ChangeKind = Field(description="What happened", examples=[ChangeKind.SESSION_STARTED])
    actor_id: UUID | None = Field(description="Who did it; null: the service itself, or whoever has its shell")
    subject_type: str = Field(description="The type of what changed", examples=["session"])
    subject_key: str | None = Field(
        description="What it was called then, or the key of the project that it is of", examples=["maria"]
    )
    changes: dict[str, tuple[Any, Any]] = Field(
        description="Before and after, by field; of what is new before is null, of what is gone after",
        examples=[{"role": ["viewer", "admin"]}],
    )
    batch_id: UUID | None = Field(description="Shared by all that happened in one step")
    actor_kind: CallerKind = Field(description="How they acted", examples=[CallerKind.USER])
    token_id: UUID | None = Field(description="The API token that they acted with; null: none")
    request_id: str | None = Field(
        description="The `X-Request-ID` of the request, which its log lines have, too", examples=["req-4711"]
    )


class AuditFilter(PageParams):
    kind: list[AuditedKind] = Field(
        default_factory=list, description="What happened; several: any of them", max_length=len(AUDITED)
    )
    actor: UUID | None = Field(None, description="The id of who did it", examples=[_SOMEBODY])
    subject: UUID | None = Field(
        None, description="The id of what it was done to, such as an account or a session", examples=[_SOMEBODY]
    )
    project: Annotated[str, Field(max_length=40)] | None = Field(
        None, description="Where: the id or key of a project", examples=["WEB"]
    )
    since: Instant | None = Field(None, description="Not before this instant", examples=["2026-11-01T00:00:00Z"])
    until: Instant | None = Field(None, description="Before this instant", examples=["2026-12-01T00:00:00Z"])
