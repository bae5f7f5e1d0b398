"""What signing in takes and gives, and an account as clients see it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from taskapi.core.fields import Email, Input, example
from taskapi.core.secrets.passwords import MAX_LENGTH
from taskapi.models import SystemRole

Login = Annotated[str, StringConstraints(min_length=1, max_length=320, strip_whitespace=True, pattern=r"^[^\x00]*$")]
Password = Annotated[str, StringConstraints(min_length=1, max_length=MAX_LENGTH)]
TotpCode = Annotated[str, StringConstraints(max_length=40, pattern=r"^[0-9A-Za-z -]{6,40}$")]
LinkToken = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]
RefreshToken = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[\x21-\x7e]+$")]


class UserRead(BaseModel):
    """A user."""

    id: UUID
    username: str = Field(description="What they sign in with", examples=["maria"])
    email: Email | None = Field(
        description="Where mail reaches them; null where you may not see it", examples=["maria@example.com"]
    )
    full_name: str | None = Field(description="What people call them", examples=["Maria Berger"])
    role: SystemRole = Field(description="What they may do in the whole service", examples=[SystemRole.USER])
    is_active: bool = Field(description="Whether they may sign in", examples=[True])
    email_verified: bool = Field(description="Whether the address is proven to be theirs", examples=[True])
    timezone: str = Field(description="An IANA name", examples=["Europe/Vienna"])
    locale: str = Field(description="A language, and maybe a region", examples=["de-AT"])
    created_at: datetime
    version: int


class LoginRequest(Input):
    """What you sign in with."""

    model_config = example(username="maria", password="seven-green-lanterns-42")

    username: Login = Field(description="The username or the e-mail address")
    password: Password = Field(description="The password of the account")
    totp_code: TotpCode | None = Field(
        None, description="Of your authenticator app, or a recovery code; needed where one is set up"
    )


class TokenForm(Input):
    """The OAuth2 password form (RFC 6749 §4.3), as *Authorize* in Swagger UI sends it."""

    model_config = example(username="maria", password="seven-green-lanterns-42")

    username: Login = Field(description="The username or the e-mail address")
    password: Password = Field(description="The password of the account")
    totp_code: TotpCode | None = Field(None, description="Needed where an authenticator app is set up")
    grant_type: Literal["password"] = Field("password", description="`password`, and that unless you give one")
    scope: str = Field("", max_length=500, description="Taken and not looked at: you may do all that you may")
    client_id: str | None = Field(None, max_length=200, description="Taken and not looked at: no client is registered")
    client_secret: str | None = Field(None, max_length=200, description="Taken and not looked at, as `client_id`")


class RefreshRequest(Input):
    """What the next pair is got with."""

    model_config = example(refresh_token="c29tZSBsb25nIHNlY3JldA")

    refresh_token: RefreshToken = Field(description="The newest one you were given; it works once")


class TokenPair(BaseModel):
    """You are signed in: the tokens to send from now on."""

    access_token: str = Field(description="Send it as `Authorization: Bearer`", examples=["eyJhbGciOi…"])
    token_type: Literal["bearer"] = Field("bearer", description="How to send the access token")
    expires_in: int = Field(description="Seconds the access token is good for", examples=[900])
    refresh_token: str = Field(description="What the next pair is got with, once", examples=["c29tZSBsb25n…"])
    user: UserRead = Field(description="Who has signed in")


class Validation(BaseModel):
    """Whose token it is, and what it may do."""

    user_id: UUID
    username: str = Field(description="What they sign in with", examples=["maria"])
    role: SystemRole = Field(description="What they may do in the whole service", examples=[SystemRole.USER])
    scopes: list[str] = Field(description="Those of the API token; `*`: all that the user may do", examples=[["*"]])
    session_id: UUID | None = Field(description="Null for an API token")
    token_id: UUID | None = Field(description="Which API token; null for a session")
    expires_at: datetime
