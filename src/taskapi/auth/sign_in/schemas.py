"""What signing in takes and gives."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from taskapi.auth.schemas import Password, TotpCode, UserRead
from taskapi.core.fields import Input
from taskapi.models import SystemRole

Login = Annotated[str, StringConstraints(min_length=1, max_length=320, strip_whitespace=True, pattern=r"^[^\x00]*$")]


class LoginRequest(Input):
    username: Login = Field(description="The username or the e-mail address")
    password: Password
    totp_code: TotpCode | None = Field(None, description="Of your authenticator app, or a recovery code")


class TokenForm(Input):
    """The OAuth2 password form (RFC 6749 §4.3), as *Authorize* in Swagger UI sends it."""

    username: Login
    password: Password
    totp_code: TotpCode | None = Field(None, description="Where the second factor is on")
    grant_type: Literal["password"] = "password"
    scope: str = Field("", max_length=500)
    client_id: str | None = Field(None, max_length=200)
    client_secret: str | None = Field(None, max_length=200)


class TokenPair(BaseModel):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a name
    expires_in: int = Field(description="Seconds the access token is good for")
    refresh_token: str
    user: UserRead


class Validation(BaseModel):
    """Whose token it is, and what it may do."""

    user_id: UUID
    username: str
    role: SystemRole
    scopes: list[str] = Field(description="Those of the API token; `*`: all that the user may do")
    session_id: UUID | None = Field(description="Null for an API token")
    token_id: UUID | None = Field(description="Which API token; null for a session")
    expires_at: datetime
