"""The address of an account in SQL. The account has been locked before."""

from sqlalchemy import bindparam, delete, update

from taskapi.auth.queries import USER
from taskapi.core.db.statements import prepare
from taskapi.core.secrets.one_time import Purpose
from taskapi.models import OneTimeToken, SecondFactor, User

_of_user = User.id == bindparam("of_user")
VERIFY = prepare(update(User).where(_of_user).values(email_verified=True, version=User.version + 1), "updated_at")
DROP_PASSWORD = prepare(update(User).where(_of_user).values(password_hash=None, version=User.version + 1), "updated_at")
# Its recovery codes go with it.
DROP_SECOND_FACTOR = prepare(
    delete(SecondFactor).where(SecondFactor.user_id == bindparam("of_user")).returning(SecondFactor.confirmed_at)
)
SET_EMAIL = prepare(
    update(User).where(_of_user).values(email_verified=True, version=User.version + 1).returning(USER),
    "email",
    "updated_at",
)
# Ids grow with time: the mailbox that was there first has the last word.
VOID_LATER_UNDOS = prepare(
    update(OneTimeToken)
    .where(
        OneTimeToken.subject_id == bindparam("of_user"),
        OneTimeToken.purpose == Purpose.UNDO_EMAIL_CHANGE,
        OneTimeToken.id > bindparam("token_id"),
        OneTimeToken.used_at.is_(None),
    )
    .values(used_at=bindparam("now"))
)
