"""Accounts in SQL, as everything about signing in needs them."""

from sqlalchemy import and_, bindparam, func, or_, select, update

from taskapi.core.db.statements import as_json, prepare
from taskapi.models import ApiToken, Session, User

USER_FIELDS = {
    "id": User.id,
    "username": User.username,
    "email": User.email,
    "full_name": User.full_name,
    "role": User.role,
    "is_active": User.is_active,
    "email_verified": User.email_verified,
    "timezone": User.timezone,
    "locale": User.locale,
    "created_at": User.created_at,
    "version": User.version,
}
USER = as_json(USER_FIELDS).label("body")


ACCOUNT_BY_LOGIN = prepare(
    select(User.id, User.password_hash, User.is_active).where(
        or_(func.lower(User.username) == func.lower(bindparam("username")), User.email == bindparam("email"))
    )
)
USER_BY_ID = prepare(
    select(USER, User.version, User.username, User.email, User.full_name, User.role).where(
        User.id == bindparam("user_id")
    )
)
PASSWORD_OF = prepare(select(User.password_hash).where(User.id == bindparam("user_id"), User.is_active))
# What is written to an account waits here, and only here: each act locks it first, and so none waits in a circle.
LOCK_ACCOUNT = prepare(
    select(
        User.id,
        User.username,
        User.email,
        User.full_name,
        User.is_active,
        User.email_verified,
        User.role,
        User.password_hash,
        User.created_at,
    )
    .where(User.id == bindparam("user_id"), User.deleted_at.is_(None))
    .with_for_update(key_share=True)
)
SET_PASSWORD_HASH = prepare(update(User).where(User.id == bindparam("of_user")), "password_hash")
ACCOUNT_BY_EMAIL = prepare(select(User.id).where(User.email == bindparam("email")))

ALIVE = and_(Session.revoked_at.is_(None), Session.expires_at > bindparam("now"), User.is_active)
CALLER_OF_SESSION = prepare(
    select(User.role, User.timezone)
    .join(Session, Session.user_id == User.id)
    .where(Session.id == bindparam("session_id"), User.id == bindparam("user_id"), ALIVE)
)
# Its use is noted once a minute, in the statement that looks it up. Who finds the row locked, by another process or
# by its revocation, leaves the note to the other: nobody waits for a statistic.
_to_note = (
    select(ApiToken.id)
    .where(
        ApiToken.secret_hash == bindparam("secret_hash"),
        or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < bindparam("noted_before")),
        ApiToken.revoked_at.is_(None),
        ApiToken.expires_at > bindparam("now"),
    )
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_noted = (
    update(ApiToken)
    .where(ApiToken.id == _to_note)
    .values(last_used_at=bindparam("now"), last_used_address=bindparam("address"))
    .returning(ApiToken.id)
    .cte("noted")
)
CALLER_OF_API_TOKEN = prepare(
    select(
        *(ApiToken.id, ApiToken.user_id, ApiToken.scopes, ApiToken.project_ids, ApiToken.expires_at),
        *(ApiToken.last_used_at, User.role, User.timezone),
    )
    .join(User, User.id == ApiToken.user_id)
    .where(
        ApiToken.secret_hash == bindparam("secret_hash"),
        ApiToken.revoked_at.is_(None),
        ApiToken.expires_at > bindparam("now"),
        User.is_active,
    )
    .add_cte(_noted)
)
