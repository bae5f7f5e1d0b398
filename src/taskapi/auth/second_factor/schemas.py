"""What setting up an authenticator app takes and gives."""

from pydantic import BaseModel, Field

from taskapi.auth.schemas import Password, TotpCode
from taskapi.core.fields import Input


class TotpStart(Input):
    password: Password


class TotpCodeInput(Input):
    code: TotpCode


class TotpEnd(Input):
    password: Password
    code: TotpCode | None = Field(None, description="Checked when you give one")


class TotpOffer(BaseModel):
    secret: str = Field(description="Base32, for apps without a camera")
    uri: str = Field(description="`otpauth://totp/…`")
    qr_svg: str = Field(description="The URI as a picture")


class RecoveryCodes(BaseModel):
    recovery_codes: list[str] = Field(description="Each works once in place of a code; shown only now")
