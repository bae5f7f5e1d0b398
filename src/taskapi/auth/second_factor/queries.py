"""Second factors in SQL, and their codes, each used up by one statement."""

from datetime import datetime
from typing import TypedDict

from sqlalchemy import BigInteger, bindparam, delete, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from taskapi.core.db.statements import One, prepare
from taskapi.models import RecoveryCode, SecondFactor


class State(TypedDict):
    """The sealed secret of the app, and since when its codes are asked for: None while it is only offered."""

    secret: bytes
    confirmed_at: datetime | None


_of_user = SecondFactor.user_id == bindparam("of_user")
_is_on = SecondFactor.confirmed_at.is_not(None)
_done = literal(1).label("done")
_offer = insert(SecondFactor)
# Until an app is confirmed, a newer offer takes the place of the older one.
OFFER = prepare(
    _offer.on_conflict_do_update(
        index_elements=[SecondFactor.user_id],
        set_={"secret": _offer.excluded.secret, "last_step": None},
        where=SecondFactor.confirmed_at.is_(None),
    ).returning(_done),
    "user_id",
    "secret",
    row=One[int],
)
STATE = prepare(select(SecondFactor.secret, SecondFactor.confirmed_at).where(_of_user), row=State)
CONFIRM = prepare(
    update(SecondFactor)
    .where(_of_user, SecondFactor.confirmed_at.is_(None))
    .values(confirmed_at=bindparam("now"))
    .returning(_done),
    row=One[int],
)
LOCK = prepare(select(_done).where(_of_user, _is_on).with_for_update(), row=One[int])
# With its recovery codes, and one that was only offered, too.
DROP = prepare(delete(SecondFactor).where(_of_user).returning(SecondFactor.confirmed_at), row=One[datetime | None])
REMOVE = prepare(delete(SecondFactor).where(_of_user, _is_on).returning(_done), row=One[int])

# Whoever comes second with the same code finds the step, or the row of the recovery code, used up.
_step = bindparam("step", type_=BigInteger)
USE_STEP = prepare(
    update(SecondFactor)
    .where(_of_user, or_(SecondFactor.last_step.is_(None), SecondFactor.last_step < _step))
    .values(last_step=_step)
    .returning(_done),
    row=One[int],
)
_codes_of_user = RecoveryCode.user_id == bindparam("of_user")
USE_RECOVERY_CODE = prepare(
    delete(RecoveryCode).where(_codes_of_user, RecoveryCode.code_hash == bindparam("of_code")).returning(_done),
    row=One[int],
)
FORGET_CODES = prepare(delete(RecoveryCode).where(_codes_of_user))
ADD_CODE = prepare(insert(RecoveryCode), "user_id", "code_hash")
