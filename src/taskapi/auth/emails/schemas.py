"""What clients send about addresses."""

from taskapi.auth.schemas import LinkToken
from taskapi.core.fields import Email, Input


class EmailLink(Input):
    token: LinkToken


class ResendRequest(Input):
    email: Email
