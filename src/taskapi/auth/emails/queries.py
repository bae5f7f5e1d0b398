"""The address of an account in SQL. The account has been locked before."""

from sqlalchemy import bindparam, update

from taskapi.core.db.statements import prepare
from taskapi.models import User

_of_user = User.id == bindparam("of_user")
VERIFY = prepare(update(User).where(_of_user).values(email_verified=True, version=User.version + 1), "updated_at")
SET_EMAIL = prepare(
    update(User).where(_of_user).values(email_verified=True, version=User.version + 1), "email", "updated_at"
)
