"""What deleting one's account takes."""

from pydantic import Field

from taskapi.auth.schemas import Password
from taskapi.core.fields import Input, example


class AccountDelete(Input):
    """The proof that it is you who asks."""

    model_config = example(password="seven-green-lanterns-42")

    password: Password = Field(description="The password of your account: nobody else shall delete it")
