"""What signing in takes and gives."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from taskapi.auth.schemas import Password, TotpCode, UserRead
from taskapi.auth.sessions.schemas import KeptIn
from taskapi.core.fields import Input, example
from taskapi.models import SystemRole

Login = Annotated[str, StringConstraints(min_length=1, max_length=320, strip_whitespace=True, pattern=r"^[^\x00]*$")]


class LoginRequest(Input):
    """What you sign in with."""

    model_config = example(username="maria", password="seven-green-lanterns-42")

    username: Login = Field(description="The username or the e-mail address")
    password: Password = Field(description="The password of the account")
    totp_code: TotpCode | None = Field(
        None, description="Of your authenticator app, or a recovery code; needed where one is set up"
    )
    session: KeptIn = None


class TokenForm(Input):
    """The OAuth2 password form (RFC 6749 §4.3), as *Authorize* in Swagger UI sends it.

    An empty field of a form is one that nobody filled in.
    """

    model_config = example(username="maria", password="seven-green-lanterns-42")

    username: Login = Field(description="The username or the e-mail address")
    password: Password = Field(description="The password of the account")
    totp_code: TotpCode | Literal[""] | None = Field(None, description="Needed where an authenticator app is set up")
    grant_type: str = Field("password", pattern="^(password)?$", description="`password`, and that unless you give one")
    scope: str = Field("", max_length=500, description="Taken and not looked at: you may do all that you may")
    client_id: str | None = Field(None, max_length=200, description="Taken and not looked at: no client is registered")
    client_secret: str | None = Field(None, max_length=200, description="Taken and not looked at, as `client_id`")


class TokenPair(BaseModel):
    """You are signed in: the tokens to send from now on."""

    access_token: str = Field(description="Send it as `Authorization: Bearer`", examples=["eyJhbGciOi…"])
    token_type: Literal["bearer"] = Field("bearer", description="How to send the access token")
    expires_in: int = Field(description="Seconds the access token is good for", examples=[900])
    refresh_token: str | None = Field(
        None,
        description="What the next pair is got with, once; absent where it was set as a cookie",
        examples=["c29tZSBsb25n…"],
    )
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
