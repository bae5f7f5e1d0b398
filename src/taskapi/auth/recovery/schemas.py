"""What clients send about passwords, and what a change of one answers."""

from pydantic import BaseModel, Field, StrictBool

from taskapi.auth.api_tokens.schemas import ApiTokenRead
from taskapi.auth.schemas import LinkToken, Password
from taskapi.core.fields import Email, Input, example


class ForgotPassword(Input):
    """Whose password is lost."""

    model_config = example(email="maria@example.com")

    email: Email = Field(description="The address of the account")


class ResetPassword(Input):
    """What the link in the mail carries, and the new password."""

    model_config = example(token="c29tZSBsb25nIHNlY3JldA", password="eight-blue-lanterns-43")

    token: LinkToken = Field(description="From the link in the mail")
    password: Password = Field(description="The new one, by the rules of registration")
    in_other_hands: StrictBool = Field(
        False, description="Whether somebody else was in the account: what it let in during seven days ends, too"
    )


class ChangePassword(Input):
    """The password that goes, and the one that comes."""

    model_config = example(current_password="seven-green-lanterns-42", new_password="eight-blue-lanterns-43")

    current_password: Password = Field(description="The one you sign in with")
    new_password: Password = Field(description="The one to come, by the rules of registration")
    end_tokens: StrictBool = Field(False, description="Whether your API tokens end, too; they stay unless you say so")


class PasswordChanged(BaseModel):
    """What still opens your account besides the new password."""

    api_tokens: list[ApiTokenRead] = Field(description="Your API tokens that are good; none where you had them ended")
