"""What signing in at a provider takes and gives."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from taskapi.auth.schemas import TotpCode
from taskapi.auth.sessions.schemas import KeptIn
from taskapi.core.fields import Input, example

# Together less than an address may have, 8 KiB: what is too long is told by its name.
_Code = Annotated[str, StringConstraints(max_length=4096)]
_Issuer = Annotated[str, StringConstraints(max_length=1000)]
# A path alone, with a query perhaps: neither another host (`//…`) nor a fragment, which is ours to write.
_Page = Annotated[
    str,
    StringConstraints(
        max_length=500, pattern=r"^/(?:[A-Za-z0-9._~!$&'()*+,;=:@%?-][A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?$"
    ),
]
_Word = Annotated[str, StringConstraints(max_length=200)]


class ProviderRead(BaseModel):
    """A provider to sign in with."""

    name: str = Field(description="What addresses call it", examples=["example"])
    label: str = Field(description="What to write on the button", examples=["Example"])
    start_url: str = Field(description="Where to send the browser", examples=["/api/v1/auth/oidc/example"])


class ProviderList(BaseModel):
    """All of them, on one page."""

    items: list[ProviderRead] = Field(description="Each provider that is set up here")


class Start(BaseModel):
    """Where a sign-in is to end."""

    model_config = ConfigDict(extra="forbid")

    redirect: _Page | None = Field(
        None, description="A page of ours, by its path: it gets a `sign_in_token` behind `#`", examples=["/signed-in"]
    )


class Callback(BaseModel):
    """What the provider sends the browser back with; it may add words of its own (RFC 6749 §4.1.2)."""

    state: _Word = Field("", description="Which sign-in this is: the word that it began with")
    code: _Code | None = Field(None, description="What the provider exchanges for who you are")
    error: _Word | None = Field(None, description="Instead of a code: why the provider refused")
    iss: _Issuer | None = Field(None, description="Which provider this is (RFC 9207)")


class SecondStep(Input):
    """The second step of a sign-in that a provider began."""

    model_config = example(sign_in_token="c29tZSBsb25nIHNlY3JldA", totp_code="287082")

    sign_in_token: Annotated[str, StringConstraints(max_length=200, pattern=r"^[A-Za-z0-9_-]+$")] = Field(
        description="From the `totp_required` problem, or from the address of your page"
    )
    totp_code: TotpCode | None = Field(
        None, description="Of your authenticator app, or a recovery code; needed where one is set up"
    )
    session: KeptIn = None
