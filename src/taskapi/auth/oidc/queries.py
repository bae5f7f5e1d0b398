"""Identities in SQL, and the states that came back."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from taskapi.auth.queries import USER
from taskapi.core.db.statements import One, as_json, prepare
from taskapi.models import Identity, OneTimeToken, User


class OpenedAccount(TypedDict):
    """The account that an identity opens."""

    id: UUID
    is_active: bool
    updated_at: datetime


class UsedIdentity(OpenedAccount):
    identity_id: UUID


class AccountOfAddress(OpenedAccount):
    username: str
    email: str
    email_verified: bool


class NewAccount(OpenedAccount):
    body: str


# A state is stored when it comes back, and not before. Of twenty requests with the same one, one inserts the row. It
# has run out already, so the sweep of one-time tokens deletes it.
SPEND_STATE = prepare(
    insert(OneTimeToken).on_conflict_do_nothing().returning(OneTimeToken.id),
    "id",
    "purpose",
    "subject_id",
    "details",
    "created_at",
    "expires_at",
    "used_at",
    row=One[UUID],
)
USE_IDENTITY = prepare(
    update(Identity)
    .where(
        Identity.issuer == bindparam("of_issuer"),
        Identity.subject == bindparam("of_subject"),
        User.id == Identity.user_id,
    )
    .values(last_used_at=bindparam("now"), email=bindparam("new_email"))
    .returning(User.id, User.is_active, User.updated_at, Identity.id.label("identity_id")),
    row=UsedIdentity,
)
_LINKED = as_json({"user_id": Identity.user_id, "issuer": Identity.issuer, "created_at": Identity.created_at})
LINK = prepare(
    insert(Identity).on_conflict_do_nothing().returning(_LINKED.label("body")),
    "id",
    "user_id",
    "issuer",
    "subject",
    "email",
    "created_at",
    "last_used_at",
    row=One[str],
)
ACCOUNT_BY_EMAIL = prepare(
    select(User.id, User.username, User.email, User.is_active, User.email_verified, User.updated_at)
    .where(User.email == bindparam("of_email"))
    .with_for_update(key_share=True),
    row=AccountOfAddress,
)
ACCOUNT_OF_IDENTITY = prepare(
    select(User.id, User.is_active, User.updated_at)
    .join(Identity, Identity.user_id == User.id)
    .where(Identity.id == bindparam("of_identity")),
    row=OpenedAccount,
)
REGISTER = prepare(
    insert(User).on_conflict_do_nothing().returning(USER, User.id, User.is_active, User.updated_at),
    "id",
    "username",
    "email",
    "full_name",
    "email_verified",
    "created_at",
    "updated_at",
    row=NewAccount,
)
