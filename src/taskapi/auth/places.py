"""Where an account was signed in to, so that strangers who guess at it keep its owner out nowhere else than there.

A place is the network address, for whoever signs in at all has one, and has it again the next time: at home, in the
office, on the server of a script. What a client had to keep and send would help those alone whose client does. It is
stored as a hash keyed by the service and made for one account, so that the table tells neither where somebody was nor
who was in one place.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from taskapi.auth import queries
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.http.addresses import network_of
from taskapi.core.parts import Parts

_REMEMBERED: Final = timedelta(days=30)
_MOST: Final = 20
_NOBODY: Final = UUID(int=0)


async def known(parts: Parts, session: DbSession, user_id: UUID | None, address: str | None) -> bytes | None:
    """The place, if the account was signed in to from there lately.

    Asked for accounts that do not exist, too: how long an answer takes shall not tell which do.
    """
    place = _place(parts, user_id or _NOBODY, address)
    since = utc_now() - _REMEMBERED
    found = await session.fetch_value(queries.KNOWN_PLACE, of_user=user_id or _NOBODY, place=place, since=since)
    return place if found else None


async def remember(parts: Parts, session: DbSession, user_id: UUID, address: str | None) -> None:
    """In the transaction of the sign-in; of more places than an honest account has, those of longest ago are forgotten.

    The account has been locked.
    """
    place = _place(parts, user_id, address)
    await session.run(queries.REMEMBER_PLACE, user_id=user_id, place=place, last_used_at=utc_now(), others=_MOST - 1)


async def sweep(session: DbSession) -> None:
    await session.run(queries.FORGET_PLACES, before=utc_now() - _REMEMBERED)


def _place(parts: Parts, user_id: UUID, address: str | None) -> bytes:
    return parts.pseudonyms.of("place", str(user_id), network_of(address))
