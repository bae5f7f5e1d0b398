"""Streams as clients ask for them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from taskapi.changes.sync.schemas import ChangesWanted

_MAX_TOKEN = 8_000


class StreamTicket(BaseModel):
    """What opens one stream or WebSocket, as whoever asked for it."""

    ticket: str = Field(description="Give it as `?ticket=` or in the first message; good once", examples=["…"])
    expires_at: datetime = Field(description="Until when, half a minute from now")


class StreamWanted(ChangesWanted):
    """The query of a stream, and of a WebSocket's handshake."""

    ticket: Annotated[str, Field(max_length=_MAX_TOKEN)] | None = Field(
        None, description="Of `POST /ws/ticket`, in the place of the header that browsers cannot send here"
    )


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Auth(_Message):
    """The first message of a socket that came without a ticket."""

    type: Literal["auth"]
    token: Annotated[str, Field(max_length=_MAX_TOKEN)] | None = None
    ticket: Annotated[str, Field(max_length=_MAX_TOKEN)] | None = None


class Ping(_Message):
    """Answered by a pong."""

    type: Literal["ping"]


class Subscribe(ChangesWanted):
    """Other changes from now on, in the place of those before."""

    type: Literal["subscribe"]


Said = Annotated[Auth | Ping | Subscribe, Field(discriminator="type")]
