"""Identities in SQL, and the states that came back."""

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from taskapi.auth.queries import USER
from taskapi.core.db.statements import as_json, prepare
from taskapi.models import Identity, OneTimeToken, User

# A state is stored only once it is used: of twenty at the same time one is the first. The sweep of links that ran
# out forgets it.
SPEND_STATE = prepare(
    insert(OneTimeToken).on_conflict_do_nothing().returning(OneTimeToken.id),
    *("id", "purpose", "subject_id", "details", "created_at", "expires_at", "used_at"),
)
USE_IDENTITY = prepare(
    update(Identity)
    .where(
        Identity.issuer == bindparam("of_issuer"),
        Identity.subject == bindparam("of_subject"),
        User.id == Identity.user_id,
    )
    .values(last_used_at=bindparam("now"), email=bindparam("new_email"))
    .returning(User.id, User.is_active)
)
LINK = prepare(
    insert(Identity)
    .on_conflict_do_nothing()
    .returning(
        as_json({"user_id": Identity.user_id, "issuer": Identity.issuer, "created_at": Identity.created_at}).label(
            "body"
        )
    ),
    *("id", "user_id", "issuer", "subject", "email", "created_at", "last_used_at"),
)
ACCOUNT_BY_EMAIL = prepare(
    select(User.id, User.username, User.email, User.is_active, User.email_verified)
    .where(User.email == bindparam("email"))
    .with_for_update(key_share=True)
)
IS_ACTIVE = prepare(select(User.is_active).where(User.id == bindparam("user_id")))
REGISTER = prepare(
    insert(User).on_conflict_do_nothing().returning(USER, User.id, User.is_active),
    *("id", "username", "email", "full_name", "email_verified", "created_at", "updated_at"),
)
