"""Passwords in SQL. The account has been locked before."""

from sqlalchemy import bindparam, case, update

from taskapi.core.statements import prepare
from taskapi.models import User

# Whoever read the link reads the mailbox. Only what clients can see makes a new version.
RESET = prepare(
    update(User)
    .where(User.id == bindparam("of_user"))
    .values(email_verified=True, version=case((User.email_verified, User.version), else_=User.version + 1)),
    "password_hash",
    "updated_at",
)
CHANGE = prepare(update(User).where(User.id == bindparam("of_user")), "password_hash", "updated_at")
