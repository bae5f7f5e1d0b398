"""What clients send about passwords."""

from taskapi.auth.schemas import LinkToken, Password
from taskapi.core.fields import Email, Input


class ForgotPassword(Input):
    email: Email


class ResetPassword(Input):
    token: LinkToken
    password: Password


class ChangePassword(Input):
    current_password: Password
    new_password: Password
