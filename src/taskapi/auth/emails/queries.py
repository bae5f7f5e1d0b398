"""The address of an account in SQL. The account has been locked before."""

from datetime import datetime

from sqlalchemy import bindparam, delete, update

from taskapi.core.db.statements import One, prepare
from taskapi.core.secrets.one_time import Purpose
from taskapi.models import OneTimeToken, SecondFactor, User

_of_user = User.id == bindparam("of_user")
_of_factor = SecondFactor.user_id == bindparam("of_user")
VERIFY = prepare(update(User).where(_of_user).values(email_verified=True, version=User.version + 1), "updated_at")
DROP_PASSWORD = prepare(update(User).where(_of_user).values(password_hash=None, version=User.version + 1), "updated_at")
# Its recovery codes go with it.
DROP_SECOND_FACTOR = prepare(
    delete(SecondFactor).where(_of_factor).returning(SecondFactor.confirmed_at), row=One[datetime | None]
)
SET_EMAIL = prepare(
    update(User).where(_of_user).values(email_verified=True, version=User.version + 1), "email", "updated_at"
)
# The mailbox that was there first has the last word. Ids grow with time, so the later links are those above its own.
VOID_LATER_UNDOS = prepare(
    update(OneTimeToken)
    .where(
        OneTimeToken.subject_id == bindparam("of_user"),
        OneTimeToken.purpose == Purpose.UNDO_EMAIL_CHANGE,
        OneTimeToken.id > bindparam("later_than"),
        OneTimeToken.used_at.is_(None),
    )
    .values(used_at=bindparam("now"))
)
