"""Seals the change log behind its writers, in the order of commits, so that none of them waits for it."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from pydantic_core import from_json

from taskapi.audit.seals import chain, queries
from taskapi.audit.seals.chain import Entry, Sealed
from taskapi.core.change_log.publish import hold_names
from taskapi.core.change_log.readers import Begins, LogReader
from taskapi.core.change_log.tail import LoggedChange, Position
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession

_SALT_BYTES: Final = 16
_A_TURN: Final = 20


async def seal(session: DbSession, changes: Sequence[LoggedChange]) -> None:
    """One seal over these, in the transaction that moves the reader past them."""
    head = await session.fetch_row(queries.HEAD)
    if head is not None:
        # A reader that was made to begin anew seals nothing twice.
        end = Position(int(head["last_xid"]), head["last_seq"])
        changes = [change for change in changes if change.position > end]
    if not changes:
        return
    current, digests = await _seal_names(session, changes)
    sealed = Sealed(
        number=1 if head is None else head["number"] + 1,
        first=current[0].position,
        last=current[-1].position,
        sealed_at=utc_now(),
        entries=chain.written([entry async for entry in _entries(current, digests)]),
        previous=chain.GENESIS if head is None else head["hash"],
    )
    await session.run(
        queries.ADD,
        number=sealed.number,
        first_xid=str(sealed.first.xid),
        first_seq=sealed.first.seq,
        last_xid=str(sealed.last.xid),
        last_seq=sealed.last.seq,
        sealed_at=sealed.sealed_at,
        entries=sealed.entries,
        previous=sealed.previous,
        hash=sealed.hash,
    )


async def _entries(changes: Sequence[LoggedChange], digests: Mapping[UUID, bytes]) -> AsyncIterator[Entry]:
    """A thousand of them take some 50 ms: between these others have their turn."""
    for count, change in enumerate(changes, 1):
        yield chain.entry_of(change, digests.get(change.id))
        if count % _A_TURN == 0:
            await asyncio.sleep(0)


async def _seal_names(
    session: DbSession, changes: Sequence[LoggedChange]
) -> tuple[list[LoggedChange], dict[UUID, bytes]]:
    """The changes with those names that are still in them, and the digests of these."""
    named = [change.id for change in changes if chain.names_of(change) is not None]
    if not named:
        return list(changes), {}
    await hold_names(session)
    # Read again, for an account may have been deleted since: nothing is kept of names that are out of the log.
    now = {row["id"]: row for row in await session.fetch_rows(queries.CONTENTS, ids=named)}
    current = [
        replace(change, subject_key=now[change.id]["subject_key"], changes=from_json(now[change.id]["changes"]))
        if change.id in now
        else change
        for change in changes
    ]
    texts = {change.id: names for change in current if (names := chain.names_of(change)) is not None}
    salts = {of_id: os.urandom(_SALT_BYTES) for of_id in texts}
    digests = {of_id: chain.digest_of_names(names, salts[of_id]) for of_id, names in texts.items()}
    await session.run(queries.ADD_NAMES, ids=list(texts), salts=list(salts.values()), digests=list(digests.values()))
    return current, digests


SEALER: Final = LogReader("seals", seal, Begins.AT_THE_BEGINNING, at_once=1000)
