"""What clients send about passwords."""

from pydantic import Field

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


class ChangePassword(Input):
    """The password that goes, and the one that comes."""

    model_config = example(current_password="seven-green-lanterns-42", new_password="eight-blue-lanterns-43")

    current_password: Password = Field(description="The one you sign in with")
    new_password: Password = Field(description="The one to come, by the rules of registration")
