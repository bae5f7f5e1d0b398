"""The run of an import: the stored file is copied to this machine, and read and written in batches to its end.

Whatever ends the worker, the next one goes on behind the last batch that was committed: how far the run has come is
written in the transaction of each batch. Two workers at once cannot write the same batch, for each holds the import.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

import asyncpg
import structlog
from pydantic_core import from_json, to_json

from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.database import Database, unit_of_work
from taskapi.core.db.session import DbSession
from taskapi.core.errors import AppError, TransactionConflict
from taskapi.core.resources.document import Document
from taskapi.core.storage.errors import ObjectMissing, StorageUnavailable
from taskapi.core.storage.storage import Storage
from taskapi.imports import events, queries
from taskapi.imports.batches import references
from taskapi.imports.batches import service as batches
from taskapi.imports.batches.queries import HeldRow
from taskapi.imports.batches.service import Files, Outcome
from taskapi.imports.batches.trial import Outline
from taskapi.imports.errors import Stopped
from taskapi.imports.files.luggage import Luggage
from taskapi.imports.files.service import Stored
from taskapi.imports.formats import FORMATS, ImportFormat
from taskapi.imports.queries import StartedRow
from taskapi.imports.records import NotThatFormat, Problem
from taskapi.imports.rows import Entry, Row
from taskapi.imports.runs.reader import MOST_ROWS, Batches, reading_of
from taskapi.imports.runs.storing import Shelf, store_files
from taskapi.models import ImportState

log = structlog.stdlib.get_logger("taskapi.imports")

MOST_STARTS: Final = 10
LATER: Final = timedelta(seconds=5)
_AT_ONCE: Final = 2
_running: Final[set[object]] = set()
_TRIES: Final = 6
_OURS: Final = 500
_LOOK_SECONDS: Final = 2
_Stage = Literal["tasks", "references"]


class _Over(Exception):
    """It was cancelled, or another worker has it."""


class _Tried(Exception):
    """Ends a savepoint whose batch is not to stay."""


def has_room() -> bool:
    """Whether this worker may begin with another one."""
    return len(_running) < _AT_ONCE


async def is_waiting(session: DbSession, import_id: UUID) -> bool:
    """Whether somebody still wants it; said so, no sweep takes it for forgotten."""
    return await session.fetch_value(queries.TOUCH, of_import=import_id, now=utc_now()) is not None


async def run(database: Database, shelf: Shelf, import_id: UUID) -> None:
    """Until the import has ended. A failure that may pass is raised: the job is tried again, and goes on."""
    started = await _start(database, import_id)
    if started is None:
        return
    running = object()
    _running.add(running)
    try:
        _require_hope(started)
        with tempfile.TemporaryDirectory(prefix="taskapi-import-") as directory:
            await _read(database, shelf, import_id, started, Path(directory))
    except _Over:
        return
    except (Stopped, NotThatFormat, ObjectMissing) as error:
        code, detail = _told(error)
        await end(database, import_id, ImportState.FAILED, {"code": code, "detail": detail})
    finally:
        _running.discard(running)
    await _delete(shelf.storage, import_id, started["storage_key"])


def _require_hope(started: StartedRow) -> None:
    if started["starts"] > MOST_STARTS:
        raise Stopped("given_up", f"{MOST_STARTS} times in a row a worker began and came no further")


async def _delete(storage: Storage, import_id: UUID, key: str | None) -> None:
    """The file of one that has ended."""
    with suppress(StorageUnavailable):  # the sweep finds what is left
        await storage.delete([] if key is None else [key])
    log.info("imports.ended", import_id=str(import_id))


def _told(error: Stopped | NotThatFormat | ObjectMissing) -> tuple[str, str]:
    if isinstance(error, NotThatFormat):
        return "unreadable_file", str(error)
    return error.code, error.detail


async def end(database: Database, import_id: UUID, state: ImportState, error: dict[str, str] | None = None) -> None:
    async with unit_of_work(database) as session:
        held = await batches.hold(session, import_id)
        row = None if held is None else await session.fetch_row(queries.HOLD, of_import=import_id)
        if held is None or row is None:
            return
        after = await session.only_row(
            queries.END,
            of_import=import_id,
            to_state=state.value,
            to_error=None if error is None else to_json(error).decode(),
            now=utc_now(),
        )
        before = Document.of(row).fields()
        fact = events.import_finished(before, Document.of(after).fields(), row["project_key"])
        await publish(session, batches.caller_of(held), fact)


async def _start(database: Database, import_id: UUID) -> StartedRow | None:
    async with unit_of_work(database) as session:
        return await session.fetch_row(queries.START, of_import=import_id, now=utc_now())


async def _read(database: Database, shelf: Shelf, import_id: UUID, started: StartedRow, directory: Path) -> None:
    path = directory / "file"
    await _fetch(shelf.storage, started["storage_key"], path)
    stage: _Stage = "references" if started["stage"] == "references" else "tasks"
    position = started["position"]
    if stage == "tasks":
        walk = _Walk(database, shelf, import_id, "tasks", directory)
        await walk.through(path, started, position)
        if await _has_unresolved(database, import_id):
            stage, position = "references", 0
    if stage == "references":
        walk = _Walk(database, shelf, import_id, "references", directory)
        await walk.through(path, started, position)
    await end(database, import_id, ImportState.DONE)


async def _fetch(storage: Storage, key: str | None, path: Path) -> None:
    if key is None:
        raise Stopped("content_missing", "The stored file is gone")
    with path.open("wb") as file:
        async for piece in storage.read(key):
            file.write(piece)


async def _has_unresolved(database: Database, import_id: UUID) -> bool:
    """Whether the file has to be read once more, for those that named what came after them."""
    async with unit_of_work(database) as session:
        if not await session.fetch_value(queries.UNRESOLVED, of_import=import_id):
            return False
        await session.run(queries.NEXT_STAGE, of_import=import_id, now=utc_now())
        return True


class _Walk:
    """Once through the file, for its tasks or for what they refer to."""

    def __init__(self, database: Database, shelf: Shelf, import_id: UUID, stage: _Stage, directory: Path) -> None:
        self._database, self._shelf, self._import_id, self._stage = database, shelf, import_id, stage
        self._beside = directory / stage
        self._outline: Outline | None = None
        self._stored: Stored = {}
        self._looked_at = 0.0

    async def through(self, path: Path, started: StartedRow, position: int) -> None:
        """Those before `position` were dealt with by another run."""
        async with AsyncExitStack() as stack:
            if self._stage == "references" and started["dry_run"]:
                self._outline = stack.enter_context(closing(Outline(self._beside.with_suffix(".outline"))))
                async with self._opened(path, started, ".told") as told:
                    while not told.has_ended:
                        self._outline.note(await _filled(told, MOST_ROWS))
            luggage = stack.enter_context(closing(Luggage(path)))
            found = await stack.enter_async_context(self._opened(path, started, ".sqlite"))
            await self._skip(found, position)
            await self._write_all(found, luggage)

    @asynccontextmanager
    async def _opened(self, path: Path, started: StartedRow, suffix: str) -> AsyncIterator[Batches]:
        mapping = None if started["mapping"] is None else from_json(started["mapping"])
        reading = reading_of(mapping, from_json(started["options"]), started["timezone"])
        reader = FORMATS[ImportFormat(started["format"])]
        with path.open("rb") as file:
            found = Batches(file, started["size"], reader, reading, self._beside.with_suffix(suffix))
            try:
                await asyncio.to_thread(found.begin)  # so that the worker's other jobs go on
                yield found
            finally:
                found.close()

    async def _skip(self, found: Batches, position: int) -> None:
        while found.position < position and not found.has_ended:
            await _filled(found, min(MOST_ROWS, position - found.position))

    async def _write_all(self, found: Batches, luggage: Luggage) -> None:
        before = found.position
        batch = await _filled(found, MOST_ROWS)
        while batch:
            after, progress = found.position, found.progress
            writing = asyncio.create_task(self._store_and_write(luggage, batch, before, after, progress))
            try:
                # PostgreSQL writes one batch while the next one is read.
                following = [] if found.has_ended else await _filled(found, MOST_ROWS)
            except asyncio.CancelledError:
                writing.cancel()
                raise
            except Exception:
                await writing
                raise
            await writing
            batch, before = following, after

    async def _store_and_write(
        self, luggage: Luggage, batch: Sequence[Entry], before: int, after: int, progress: float
    ) -> None:
        if self._stage == "tasks":
            self._stored = await store_files(
                self._database, self._shelf, self._import_id, luggage, batch, self._require_wanted
            )
        await self._write(batch, before, after, progress)

    async def _require_wanted(self) -> None:
        """Asked before each file, since a batch may have many: the answer is good for two seconds."""
        now = asyncio.get_running_loop().time()
        if now - self._looked_at < _LOOK_SECONDS:
            return
        async with unit_of_work(self._database) as session:
            if not await is_waiting(session, self._import_id):
                raise _Over
        self._looked_at = now

    async def _write(self, batch: Sequence[Entry], before: int, after: int, progress: float) -> None:
        """Where a batch cannot be written, its halves are tried, down to the one row that is to blame."""
        try:
            await self._patiently(batch, before, after, progress)
        except (_Over, Stopped, AppError):
            raise
        except (asyncpg.PostgresError, ValueError, TypeError, KeyError, AttributeError) as error:
            if len(batch) == 1:
                log.exception("imports.row_failed", import_id=str(self._import_id))
                line = batch[0].record.line if isinstance(batch[0], Row) else batch[0].line
                problem = Problem(line, None, "not_writable", f"It could not be written ({type(error).__name__})")
                await self._patiently([problem], before, after, progress)
                return
            half = len(batch) // 2
            await self._write(batch[:half], before, before + half, progress)
            await self._write(batch[half:], before + half, after, progress)

    async def _patiently(self, batch: Sequence[Entry], before: int, after: int, progress: float) -> None:
        for tried in range(_TRIES):
            try:
                await self._transact(batch, before, after, progress)
            except TransactionConflict:
                if tried == _TRIES - 1:
                    raise
                await asyncio.sleep(0.05 * 2**tried)
            else:
                return

    async def _transact(self, batch: Sequence[Entry], before: int, after: int, progress: float) -> None:
        async with unit_of_work(self._database) as session:
            held = await batches.hold(session, self._import_id)
            if held is None or held["is_deleted"]:
                raise Stopped("project_deleted", "The project was deleted")
            if held["state"] != ImportState.RUNNING or (held["stage"], held["position"]) != (self._stage, before):
                raise _Over
            batches.require_allowed(held)
            outcome = await self._outcome(session, held, batch)
            await session.run(
                queries.ADVANCE,
                of_import=self._import_id,
                position=after,
                progress=progress,
                now=utc_now(),
                created=outcome.created,
                updated=outcome.updated,
                skipped=outcome.skipped,
                failed=outcome.failed,
                unresolved=outcome.unresolved,
                problems_total=len(outcome.problems),
                problems=to_json([_public(problem) for problem in outcome.problems[: queries.MOST_PROBLEMS]]).decode(),
            )

    async def _outcome(self, session: DbSession, held: HeldRow, batch: Sequence[Entry]) -> Outcome:
        if not held["dry_run"]:
            return await self._written(session, held, batch)
        outcome = Outcome()
        with suppress(_Tried):
            async with session.savepoint():
                outcome = await self._written(session, held, batch)
                raise _Tried
        return outcome

    async def _written(self, session: DbSession, held: HeldRow, batch: Sequence[Entry]) -> Outcome:
        if self._stage == "references":
            return await references.write(session, held, batch, self._outline)
        return await batches.write(session, held, batch, Files(self._stored, self._shelf.limits))


async def _filled(found: Batches, most: int) -> list[Entry]:
    batch: list[Entry] = []
    steps: Iterator[None] = found.steps(batch, most)
    for _ in steps:
        await asyncio.sleep(0)
    return batch


def _public(problem: Problem) -> dict[str, object]:
    return {"line": problem.line, "column": problem.column, "code": problem.code, "detail": problem.detail}
