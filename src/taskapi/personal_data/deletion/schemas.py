"""What deleting one's account takes."""

from taskapi.auth.schemas import Password
from taskapi.core.fields import Input


class AccountDelete(Input):
    password: Password
