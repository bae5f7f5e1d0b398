"""Before a batch is written, the files of its tasks go from the archive to the storage, where no transaction waits.

What is stored and never attached, because the worker died, is what the sweep of the storage takes.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID
from zipfile import ZipInfo

from taskapi.core.db.database import Database, unit_of_work
from taskapi.core.storage.storage import Storage
from taskapi.imports.batches import service as batches
from taskapi.imports.batches.queries import FoundRow
from taskapi.imports.children.service import file_id
from taskapi.imports.documents import Damaged
from taskapi.imports.files import queries
from taskapi.imports.files.luggage import Luggage
from taskapi.imports.files.service import Stored, key_of, left_out
from taskapi.imports.records import ImportedFile, ImportedTask, NotThatFormat, Problem
from taskapi.imports.rows import Row
from taskapi.settings import StorageSettings
from taskapi.tasks.attachments.arrivals import service as arrivals
from taskapi.tasks.attachments.errors import FileTooLarge, QuotaReached
from taskapi.tasks.attachments.service import Received, Room
from taskapi.tasks.attachments.storing import store

Wanted = Callable[[], Awaitable[None]]
_NOTHING: Final[Stored] = {}


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where files are kept, and how much there may be of them."""

    storage: Storage
    limits: StorageSettings


@dataclass(frozen=True, slots=True)
class _Plan:
    """Files of a batch that are not here yet."""

    files: Sequence[tuple[ImportedTask, ImportedFile]]
    room: Room
    is_trial: bool


async def store_files(
    database: Database, shelf: Shelf, import_id: UUID, luggage: Luggage, batch: Iterable[object], require_wanted: Wanted
) -> Stored:
    """Of the tasks that will be made or changed. `require_wanted` raises where the import was cancelled meanwhile."""
    rows = [one for one in batch if isinstance(one, Row) and one.record.files and one.record.external_id]
    if not rows:
        return _NOTHING
    plan = await _plan(database, shelf, import_id, rows)
    if plan is None:
        return _NOTHING
    stored: dict[tuple[str, str], Received | Problem] = {}
    for record, file in plan.files:
        await require_wanted()
        found = await _store(shelf, luggage, record, file, plan)
        if found is not None:
            stored[key_of(record, file)] = found
    return stored


async def _plan(database: Database, shelf: Shelf, import_id: UUID, rows: Sequence[Row]) -> _Plan | None:
    """None where the import is gone: who writes the batch will say so."""
    async with unit_of_work(database) as session:
        held = await batches.hold(session, import_id)
        if held is None:
            return None
        found = await batches.look_up(session, held, rows)
        taken = [row for row in rows if _is_taken(row, found)]
        ids = {
            file_id(found[row.external_id]["task_id"], file.external_id): key_of(row.record, file)
            for row in taken
            if row.external_id in found
            for file in row.record.files
        }
        there = {ids[of_id] for of_id in await session.fetch_values(queries.AMONG, ids=list(ids))} if ids else set()
        room = await arrivals.room_of_project(session, held["project_id"], shelf.limits)
    wanted = [(row.record, file) for row in taken for file in row.record.files]
    return _Plan([one for one in wanted if key_of(*one) not in there], room, held["dry_run"])


def _is_taken(row: Row, found: dict[str, FoundRow]) -> bool:
    """Whether the batch will write it, or leave it as it is."""
    before = found.get(row.external_id)
    return before is None or (before["digest"] != row.digest and before["is_here"] and not before["is_trashed"])


async def _store(
    shelf: Shelf, luggage: Luggage, record: ImportedTask, file: ImportedFile, plan: _Plan
) -> Received | Problem | None:
    """None in a trial of what could be stored."""
    try:
        member = await luggage.member(file.member)
        if member is None:
            return left_out(record.line, file.name, "file_missing", "the archive has no such file in it")
        _require_room(plan.room, member)
        if plan.is_trial:
            return None
        return await store(shelf.storage, file.name, luggage.pieces(member), plan.room)
    except (FileTooLarge, QuotaReached) as error:
        return left_out(record.line, file.name, error.code, error.detail)
    except (Damaged, NotThatFormat) as error:
        return left_out(record.line, file.name, "file_damaged", f"the archive {error}")


def _require_room(room: Room, member: ZipInfo) -> None:
    """By the size that the archive tells, so that what is too large is not unpacked; what comes is counted, too."""
    room.require(member.file_size)
