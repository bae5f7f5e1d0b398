"""What is hashed, byte by byte: docs/audit.md describes it, so that others can check a log without this program.

The names, addresses and devices that deleting an account takes out of the log are hashed apart, with a salt. The chain
holds their digest for ever, and deleting the account forgets the salt: then the digest says nothing about the person,
and the chain is whole without them.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from taskapi.core.change_log.publish import FORGOTTEN_FIELDS
from taskapi.core.change_log.tail import LoggedChange, Position

GENESIS: Final = bytes(32)
"""What stands for the hash before the first seal."""
_PURPOSE: Final = b"taskapi seal 1\n"
_encode: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_NUMBER_BYTES: Final = 8
_ID_BYTES: Final = 16
_ENTRY_BYTES: Final = _ID_BYTES + 2 * _NUMBER_BYTES + hashlib.sha256().digest_size


class Entry(NamedTuple):
    """What a seal remembers of a change."""

    id: UUID
    position: Position
    digest: bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """One link of the chain."""

    number: int
    first: Position
    last: Position
    sealed_at: datetime
    entries: bytes
    previous: bytes

    @property
    def hash(self) -> bytes:
        header = [self.number, *self.first, *self.last, _instant(self.sealed_at)]
        return hashlib.sha256(_PURPOSE + self.previous + _encode(header).encode() + b"\n" + self.entries).digest()


def names_of(change: LoggedChange) -> bytes | None:
    """What deleting an account takes out of this change; None where there is nothing of the kind."""
    personal = FORGOTTEN_FIELDS.get(change.subject_type)
    if personal is None:
        return None
    named = {name: change.changes[name] for name in personal if name in change.changes}
    if not named and change.subject_key is None:
        return None
    return _encode([change.subject_key, named]).encode()


def digest_of_names(names: bytes, salt: bytes) -> bytes:
    return hashlib.sha256(salt + names).digest()


def entry_of(change: LoggedChange, names_digest: bytes | None) -> Entry:
    personal = FORGOTTEN_FIELDS.get(change.subject_type)
    facts = [
        str(change.id),
        *change.position,
        _instant(change.at),
        change.kind,
        _text(change.actor_id),
        change.actor_kind,
        _text(change.token_id),
        change.request_id,
        _text(change.project_id),
        change.subject_type,
        str(change.subject_id),
        change.subject_key if personal is None else None,
        _without(change.changes, personal or ()),
        _text(change.batch_id),
        None if names_digest is None else names_digest.hex(),
    ]
    return Entry(change.id, change.position, hashlib.sha256(_encode(facts).encode()).digest())


def written(entries: Iterable[Entry]) -> bytes:
    return b"".join(
        entry.id.bytes + b"".join(number.to_bytes(_NUMBER_BYTES) for number in entry.position) + entry.digest
        for entry in entries
    )


def read(entries: bytes) -> list[Entry]:
    """The entries of a seal; ValueError where they are none."""
    if len(entries) % _ENTRY_BYTES or not entries:
        raise ValueError("no entries")
    return [_read_one(entries[start : start + _ENTRY_BYTES]) for start in range(0, len(entries), _ENTRY_BYTES)]


def _read_one(entry: bytes) -> Entry:
    xid_at, seq_at, digest_at = (_ID_BYTES + step * _NUMBER_BYTES for step in range(3))
    position = Position(int.from_bytes(entry[xid_at:seq_at]), int.from_bytes(entry[seq_at:digest_at]))
    return Entry(UUID(bytes=entry[:_ID_BYTES]), position, entry[digest_at:])


def _without(changes: Mapping[str, object], names: Sequence[str]) -> Mapping[str, object]:
    return {name: value for name, value in changes.items() if name not in names} if names else changes


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def _text(of_id: UUID | None) -> str | None:
    return None if of_id is None else str(of_id)
