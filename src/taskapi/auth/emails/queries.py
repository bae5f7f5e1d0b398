"""The address of an account in SQL. The account has been locked before."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import bindparam, select, update

from taskapi.core.db.statements import prepare
from taskapi.core.secrets.one_time import Purpose
from taskapi.models import OneTimeToken, User


class UndoLink(TypedDict):
    """A link that undoes a change of address, and the address of before."""

    id: UUID
    email: str
    was_proven: str | None
    """None in a link of before that was noted."""
    created_at: datetime


_of_user = User.id == bindparam("of_user")
VERIFY = prepare(update(User).where(_of_user).values(email_verified=True, version=User.version + 1), "updated_at")
FIRST_UNDO = prepare(
    select(
        OneTimeToken.id,
        OneTimeToken.details["email"].astext.label("email"),
        OneTimeToken.details["was_proven"].astext.label("was_proven"),
        OneTimeToken.created_at,
    )
    .where(
        OneTimeToken.subject_id == bindparam("of_user"),
        OneTimeToken.purpose == Purpose.UNDO_EMAIL_CHANGE,
        OneTimeToken.used_at.is_(None),
        OneTimeToken.expires_at > bindparam("now"),
    )
    .order_by(OneTimeToken.id)
    .limit(1),
    row=UndoLink,
)
USE_UNDO = prepare(update(OneTimeToken).where(OneTimeToken.id == bindparam("of_link")).values(used_at=bindparam("now")))
SET_EMAIL = prepare(
    update(User).where(_of_user).values(version=User.version + 1), "email", "email_verified", "updated_at"
)
