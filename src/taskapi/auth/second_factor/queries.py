"""Second factors in SQL."""

from sqlalchemy import bindparam, delete, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from taskapi.core.db.statements import prepare
from taskapi.models import RecoveryCode, SecondFactor

_of_user = SecondFactor.user_id == bindparam("of_user")
_offer = insert(SecondFactor)
# Until an app is confirmed, a newer offer takes the place of the older one.
OFFER = prepare(
    _offer.on_conflict_do_update(
        index_elements=[SecondFactor.user_id],
        set_={"secret": _offer.excluded.secret, "last_step": None},
        where=SecondFactor.confirmed_at.is_(None),
    ).returning(literal(1)),
    *("user_id", "secret"),
)
STATE = prepare(select(SecondFactor.confirmed_at).where(_of_user))
CONFIRM = prepare(
    update(SecondFactor)
    .where(_of_user, SecondFactor.confirmed_at.is_(None))
    .values(confirmed_at=bindparam("now"))
    .returning(literal(1))
)
LOCK = prepare(select(SecondFactor.user_id).where(_of_user, SecondFactor.confirmed_at.is_not(None)).with_for_update())
REMOVE = prepare(delete(SecondFactor).where(_of_user, SecondFactor.confirmed_at.is_not(None)).returning(literal(1)))
FORGET_CODES = prepare(delete(RecoveryCode).where(RecoveryCode.user_id == bindparam("of_user")))
ADD_CODE = prepare(insert(RecoveryCode), "user_id", "code_hash")
