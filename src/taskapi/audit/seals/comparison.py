"""What seals say of a stretch of the log, compared with what is there: the first difference, in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from taskapi.audit.seals import chain
from taskapi.audit.seals.chain import Entry, Sealed
from taskapi.core.change_log.tail import LoggedChange, Position


@dataclass(frozen=True, slots=True)
class Name:
    """What is kept of the names in a change."""

    salt: bytes | None
    digest: bytes


@dataclass(frozen=True, slots=True)
class Stretch:
    """Seals that follow each other, the changes that are there now, and all that is needed to compare them."""

    seals: Sequence[tuple[Sealed, Sequence[Entry]]]
    changes: Sequence[LoggedChange]
    names: Mapping[UUID, Name]
    not_deleted: frozenset[UUID]
    """Changes without their names, of accounts that are still there."""
    floor: Position
    """Changes up to here may be gone: the log is kept no longer."""


_NO_NAMES: Final = "lost its names, although the account was not deleted"


def first_difference(stretch: Stretch) -> str | None:
    expected = list(_expected(stretch))
    known, there = {entry.id for _, entry in expected}, {change.id for change in stretch.changes}
    changes = iter(stretch.changes)
    change = next(changes, None)
    for sealed, entry in expected:
        if change is not None and change.id not in known:
            return f"{_named(change.id, change.position)}, was slipped in {_where(sealed, change.position)}"
        if entry.id not in there:
            if entry.position <= stretch.floor:
                continue
            return f"{_named(entry.id, entry.position)}, was removed from seal {sealed.number}"
        assert change is not None
        if change.id != entry.id:
            return f"{_named(change.id, change.position)}, was moved: seal {sealed.number} has {entry.id} there"
        if fault := _fault_of(stretch, change, entry):
            return f"{_named(entry.id, entry.position)}, {fault} after it was sealed in seal {sealed.number}"
        change = next(changes, None)
    if change is not None:
        sealed = stretch.seals[-1][0]
        return f"{_named(change.id, change.position)}, was slipped in {_where(sealed, change.position)}"
    return None


def _expected(stretch: Stretch) -> Iterator[tuple[Sealed, Entry]]:
    for sealed, entries in stretch.seals:
        for entry in entries:
            yield sealed, entry


def _fault_of(stretch: Stretch, change: LoggedChange, entry: Entry) -> str | None:
    name, text = stretch.names.get(change.id), chain.names_of(change)
    if chain.entry_of(change, name.digest if name is not None else None).digest != entry.digest:
        return "was changed"
    if name is None:
        return "was given names" if text is not None else None
    if text is None:
        return _NO_NAMES if change.id in stretch.not_deleted else None
    if name.salt is None or chain.digest_of_names(text, name.salt) != name.digest:
        return "had its names changed"
    return None


def _where(sealed: Sealed, position: Position) -> str:
    if position < sealed.first:
        return f"between seals {sealed.number - 1} and {sealed.number}"
    return f"within seal {sealed.number}"


def _named(of_id: UUID, position: Position) -> str:
    return f"change {of_id}, at position {position.xid}/{position.seq}"
