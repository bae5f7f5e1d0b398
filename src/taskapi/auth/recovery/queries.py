"""Passwords in SQL. The account has been locked before."""

from sqlalchemy import Boolean, bindparam, case, or_, update

from taskapi.core.db.statements import prepare
from taskapi.models import User

# A link that came by mail proves the address. The version grows only where that changes what clients see.
_verified = or_(User.email_verified, bindparam("proves_address", type_=Boolean))
RESET = prepare(
    update(User)
    .where(User.id == bindparam("of_user"))
    .values(
        email_verified=_verified,
        version=case((User.email_verified == _verified, User.version), else_=User.version + 1),
    ),
    "password_hash",
    "updated_at",
)
CHANGE = prepare(update(User).where(User.id == bindparam("of_user")), "password_hash", "updated_at")
