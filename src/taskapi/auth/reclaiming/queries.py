"""The password of an account in SQL, where it ends. The account has been locked before."""

from sqlalchemy import bindparam, update

from taskapi.core.db.statements import prepare
from taskapi.models import User

DROP_PASSWORD = prepare(
    update(User).where(User.id == bindparam("of_user")).values(password_hash=None, version=User.version + 1),
    "updated_at",
)
