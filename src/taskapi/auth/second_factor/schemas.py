"""What setting up an authenticator app takes and gives."""

from pydantic import BaseModel, Field

from taskapi.auth.schemas import Password, TotpCode
from taskapi.core.fields import Input, example


class TotpStart(Input):
    """The proof that it is you who asks."""

    model_config = example(password="seven-green-lanterns-42")

    password: Password = Field(description="The password of your account")


class TotpCodeInput(Input):
    """A first code of your authenticator app."""

    model_config = example(code="287082")

    code: TotpCode = Field(description="The six digits that your authenticator app shows now")


class TotpEnd(Input):
    """The proof that it is you who asks."""

    model_config = example(password="seven-green-lanterns-42")

    password: Password = Field(description="The password of your account")
    code: TotpCode | None = Field(None, description="Checked when you give one")


class TotpOffer(BaseModel):
    """A secret for your authenticator app; nothing asks for codes until you confirm it."""

    secret: str = Field(description="The secret in Base32, for apps without a camera", examples=["JBSWY3DPEHPK3PXP"])
    uri: str = Field(description="The secret as apps read it", examples=["otpauth://totp/taskapi:maria?secret=…"])
    qr_svg: str = Field(description="The URI as a picture", examples=["<svg …></svg>"])


# Not RecoveryCodes: generators write a class and a variable for each field, and would confuse the two.
class NewRecoveryCodes(BaseModel):
    """Ten ways in for the day the app is lost."""

    recovery_codes: list[str] = Field(
        description="Each works once in place of a code; shown only now", examples=[["4kq7-zt2m", "9xw3-hb6r"]]
    )
