"""Imports: begun, listed, cancelled, and what is left of them swept away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission, require
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import NotFound
from taskapi.core.ids import new_id
from taskapi.core.lists import paging
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.core.resources.document import Document, require_match
from taskapi.core.storage.storage import Storage
from taskapi.imports import events, queries
from taskapi.imports.errors import ImportInProgress, ImportOver
from taskapi.imports.formats import ImportFormat
from taskapi.imports.jobs import run_import
from taskapi.imports.previews import Preview
from taskapi.imports.queries import FoundRow
from taskapi.imports.schemas import ImportRequest
from taskapi.models import ImportState
from taskapi.projects import service as projects

PREFIX: Final = "imports"
_SILENT: Final = timedelta(minutes=2)
# Longer than an upload may take: what is older and has no import was left behind.
_ORPHANED: Final = timedelta(hours=3)
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Received:
    """A file that lies in the storage already, and what was said of it."""

    import_id: UUID
    request: ImportRequest
    size: int
    sha256: str


def key(import_id: UUID) -> str:
    return f"{PREFIX}/{import_id}"


async def require_place(session: DbSession, caller: Caller, project: str) -> None:
    """Asked before the file comes, so that nobody sends one in vain."""
    row = await projects.load(session, caller, project, Permission.TASK_WRITE)
    projects.require_not_archived(row)
    if await session.fetch_value(queries.ACTIVE, of_project=row["id"]) is not None:
        raise _in_progress()


async def require_right(session: DbSession, caller: Caller, project: str) -> None:
    row = await projects.load(session, caller, project, Permission.TASK_WRITE)
    projects.require_not_archived(row)


async def begin_import(session: DbSession, caller: Caller, project: str, received: Received) -> Document:
    """Its row, the fact, and the job that runs it are one transaction; the file was stored before."""
    row = await projects.load(session, caller, project, Permission.TASK_WRITE)
    projects.require_not_archived(row)
    request, now = received.request, utc_now()
    options = request.options.model_dump(mode="json", exclude_unset=True)
    try:
        added = await session.only_row(
            queries.ADD,
            id=received.import_id,
            project_id=row["id"],
            created_by=caller.id,
            token_id=caller.token_id,
            format=request.format.value,
            source=request.options.source or request.format.value,
            dry_run=request.dry_run,
            mapping=_json(request.mapping),
            options=_json(options),
            storage_key=key(received.import_id),
            size=received.size,
            touched_at=now,
            created_at=now,
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "uq_imports_active":
            raise
        raise _in_progress() from None
    document = Document.of(added)
    await publish(session, caller, events.import_created(document.fields(), row["key"]))
    await run_import.enqueue(session, import_id=received.import_id)
    return document


async def list_imports(session: DbSession, caller: Caller, project: str, params: PageParams) -> Slice:
    row = await projects.load(session, caller, project, Permission.TASK_WRITE)
    return await paging.fetch_in_order(session, params, queries.page, queries.COUNT, of_project=row["id"])


async def get_import(session: DbSession, caller: Caller, import_id: UUID) -> Document:
    return Document.of(await _load(session, caller, import_id), pure=False)


async def cancel_import(session: DbSession, caller: Caller, import_id: UUID, if_match: str | None) -> None:
    """What was written until then stays; the run looks whether it is to go on before each batch."""
    row = await _load(session, caller, import_id, lock=True)
    require_match(if_match, Document.of(row, pure=False))
    projects.require_not_archived(row)
    if row["state"] not in {ImportState.QUEUED, ImportState.RUNNING}:
        raise ImportOver("There is nothing left to cancel; what it has written can be changed as any task")
    after = await session.only_row(
        queries.END,
        of_import=import_id,
        to_state=ImportState.CANCELLED.value,
        to_error=None,
        now=utc_now(),
    )
    before = Document.of(row).fields()
    await publish(session, caller, events.import_finished(before, Document.of(after).fields(), row["in_project_key"]))


async def wake_silent(session: DbSession) -> bool:
    """Those of which no worker has said anything for a while get a new job; whether there may be more."""
    found = await session.fetch_values(queries.SILENT, before=utc_now() - _SILENT)
    for import_id in found:
        await session.run(queries.TOUCH, of_import=import_id, now=utc_now())
        await run_import.enqueue(session, import_id=import_id)
    return bool(found)


async def forget_files(session: DbSession, storage: Storage) -> None:
    """Files that no import needs: theirs has ended, or their upload was killed before it was one."""
    before = utc_now() - _ORPHANED
    some: list[str] = []
    async for stored in storage.list(PREFIX):
        if stored.at < before:
            some.append(stored.key)
        if len(some) == _AT_ONCE:
            await _forget(session, storage, some)
            some = []
    await _forget(session, storage, some)


async def _forget(session: DbSession, storage: Storage, keys: list[str]) -> None:
    if keys:
        needed = set(await session.fetch_values(queries.NEEDED_FILES, keys=keys))
        await storage.delete(stored for stored in keys if stored not in needed)


async def _load(session: DbSession, caller: Caller, import_id: UUID, *, lock: bool = False) -> FoundRow:
    statement = partial(queries.one, lock=lock)
    row: FoundRow | None = await reach.find(session, caller, statement, Permission.TASK_WRITE, import_id=import_id)
    if row is None:
        raise NotFound("There is no such import, or you are not in its project")
    require(row["role"], Permission.TASK_WRITE)
    session.projects.add(row["in_project"])
    return row


async def preview_import(
    session: DbSession, caller: Caller, project: str, form: ImportFormat, preview: Preview
) -> dict[str, object]:
    """It was asked for a right before the file came, which took its time."""
    await require_right(session, caller, project)
    problems = [{name: getattr(one, name) for name in ("line", "column", "code", "detail")} for one in preview.problems]
    named = ("encoding", "delimiter", "columns", "mapping", "rows")
    return {"format": form.value, **{name: getattr(preview, name) for name in named}, "problems": problems}


def new_import_id() -> UUID:
    return new_id()


def _json(value: Mapping[str, object] | None) -> str | None:
    return None if value is None else to_json(value).decode()


def _in_progress() -> ImportInProgress:
    return ImportInProgress("Wait until it is done, or cancel it; GET /projects/{project}/imports shows it first")
