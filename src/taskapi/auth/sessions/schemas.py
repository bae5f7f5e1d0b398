"""A session as its owner sees it, and what refreshes one."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from taskapi.core.fields import Input, example

RefreshToken = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[\x21-\x7e]+$")]
# Where a browser's session is kept; there is no second value, for every other client keeps the token itself.
KeptIn = Annotated[
    Literal["cookie"] | None,
    Field(
        description="`cookie`, for pages: the refresh token is set as a cookie that no script can read,"
        " and is not in the answer"
    ),
]


class RefreshRequest(Input):
    """What the next pair is got with: a token, or for pages the cookie that they have."""

    model_config = example(refresh_token="c29tZSBsb25nIHNlY3JldA")

    refresh_token: RefreshToken | None = Field(
        None, description="The newest one you were given; it works once. Without it, that of the cookie is taken"
    )
    session: KeptIn = None


class SessionRead(BaseModel):
    """A place where you are signed in."""

    id: UUID
    user_agent: str | None = Field(description="The program it was begun with", examples=["Mozilla/5.0 (X11; Linux)"])
    address: str | None = Field(description="From where it was last refreshed", examples=["203.0.113.7"])
    created_at: datetime
    last_used_at: datetime = Field(description="When it was last refreshed", examples=["2026-11-21T09:30:00.000000Z"])
    expires_at: datetime
    current: bool = Field(description="Whether it is the one that asks", examples=[True])
