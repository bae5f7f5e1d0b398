"""Deliveries as project admins read them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from taskapi.core.fields import Input
from taskapi.core.lists.paging import PageParams
from taskapi.models import DeliveryStatus


class DeliveryError(StrEnum):
    """Why no whole answer came."""

    UNREACHABLE = "unreachable"
    TOO_SLOW = "too_slow"
    URL_NOT_ALLOWED = "url_not_allowed"
    CHANGE_GONE = "change_gone"
    SECRET_UNREADABLE = "secret_unreadable"  # noqa: S105 - says that there is none


class DeliveryRequest(BaseModel):
    """What is sent."""

    headers: dict[str, str] | None = Field(description="Of the newest attempt; null before the first")
    body: str | None = Field(
        description="As it is sent: JSON with `type`, `timestamp` and `data`; null where the log tells the change no "
        "more",
        examples=['{"type":"task.created","timestamp":"2026-11-22T09:00:00.000000Z","data":{}}'],
    )
    truncated: bool = Field(description="Whether only the beginning is shown here; all of it is sent", examples=[False])


class DeliveryAnswer(BaseModel):
    """What the receiver said at the newest attempt."""

    status: int = Field(description="Its HTTP status: 200 to 299 say that it has taken the delivery", examples=[200])
    headers: dict[str, str] = Field(description="Its headers; long values are cut")
    body: str = Field(description="Its body as text", examples=["ok"])
    truncated: bool = Field(description="Whether only the beginning is shown here", examples=[False])


class DeliveryRead(BaseModel):
    """One change, or a ping, on its way to a webhook."""

    id: UUID = Field(description="Also the header `webhook-id`, the same at every attempt")
    type: str = Field(description="The kind of the change, or `webhook.ping`", examples=["task.created"])
    change_id: UUID | None = Field(description="The change in the log; null for a ping")
    status: DeliveryStatus = Field(
        description="`pending`: to be sent, or to be tried again; `delivered`: taken by the receiver; `failed`: "
        "given up after ten attempts"
    )
    attempts: int = Field(description="How often it was tried, since it was last asked for", examples=[1])
    created_at: datetime
    attempted_at: datetime | None = Field(description="When it was last tried")
    next_attempt_at: datetime | None = Field(
        description="Not before this it is tried again; a webhook that is disabled tries nothing. Null: never"
    )
    duration_ms: int | None = Field(description="How long the newest attempt took, in milliseconds", examples=[84])
    error: DeliveryError | None = Field(
        description="Why no whole answer came: `unreachable`, `too_slow` (15 seconds), `url_not_allowed` (it leads to "
        "addresses that are not public), `change_gone`, `secret_unreadable` (the service has another key: rotate it)"
    )
    request: DeliveryRequest = Field(description="What is sent, and with which headers it was sent last")
    answer: DeliveryAnswer | None = Field(description="Null where none came")


class DeliveryFilter(PageParams):
    status: DeliveryStatus | None = Field(
        None, description="Only those that this has become of", examples=[DeliveryStatus.FAILED]
    )


class ReplayParams(Input):
    since: Annotated[str, Field(min_length=1, max_length=4000)] = Field(
        description="An instant such as 2026-11-22T09:00:00Z, or `next_since` of the replay before",
        examples=["2026-11-22T09:00:00Z"],
    )


class Replay(BaseModel):
    """What a replay has put into the queue."""

    deliveries: int = Field(description="How many changes are delivered, or delivered again", examples=[12])
    next_since: str | None = Field(
        description="There is more: give it as `since` for the next 1,000. Null: that was all", examples=["…"]
    )
