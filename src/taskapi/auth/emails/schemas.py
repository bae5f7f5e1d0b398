"""What clients send about addresses."""

from pydantic import Field

from taskapi.auth.schemas import LinkToken
from taskapi.core.fields import Email, Input, example


class EmailLink(Input):
    """What the link in a mail carries."""

    model_config = example(token="c29tZSBsb25nIHNlY3JldA")

    token: LinkToken = Field(description="From the link in the mail")


class ResendRequest(Input):
    """Whose verification is to be mailed again."""

    model_config = example(email="maria@example.com")

    email: Email = Field(description="The address of the account")
