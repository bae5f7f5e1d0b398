"""What signing in at a provider takes and gives."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from taskapi.auth.schemas import TotpCode
from taskapi.core.fields import Input

# Together less than an address may have, 8 KiB: what is too long is told by its name.
_Code = Annotated[str, StringConstraints(max_length=4096)]
_Issuer = Annotated[str, StringConstraints(max_length=1000)]
_Word = Annotated[str, StringConstraints(max_length=200)]


class ProviderRead(BaseModel):
    name: str
    label: str = Field(description="What to write on the button")
    start_url: str = Field(description="Where to send the browser")


class ProviderList(BaseModel):
    items: list[ProviderRead]


class Callback(BaseModel):
    """What the provider sends the browser back with; it may add words of its own (RFC 6749 §4.1.2)."""

    state: _Word = ""
    code: _Code | None = None
    error: _Word | None = Field(None, description="Instead of a code: why the provider refused")
    iss: _Issuer | None = Field(None, description="Which provider this is (RFC 9207)")


class SecondStep(Input):
    sign_in_token: Annotated[str, StringConstraints(max_length=200, pattern=r"^[A-Za-z0-9_-]+$")] = Field(
        description="From the `totp_required` problem"
    )
    totp_code: TotpCode
