"""A project, taken out: read in one snapshot and written to a file without a name, from which the client is served.

So an export is one moment, and who reads it slowly keeps neither a connection nor the snapshot. Exports that are being
written have places of their own, fewer than there are connections.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Final

import structlog

from taskapi.core.access.permissions import Permission, Scope, require_scope
from taskapi.core.access.reading import readable_kinds
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.database import unit_of_work
from taskapi.core.db.session import DbSession
from taskapi.core.errors import StorageFull, WritesRefused
from taskapi.core.ids import new_id
from taskapi.core.parts import Parts
from taskapi.core.urls import public_url
from taskapi.exports import events
from taskapi.exports.archives import service as archives
from taskapi.exports.archives.service import Files
from taskapi.exports.calendars import service as calendars
from taskapi.exports.lines import service as lines
from taskapi.exports.schemas import ExportFormat
from taskapi.exports.sheets import service as sheets
from taskapi.exports.spool import Spool
from taskapi.models import ProjectRole
from taskapi.projects import service as projects
from taskapi.projects.queries import ProjectRow
from taskapi.tasks.filters.moments import zone_named

log = structlog.stdlib.get_logger("taskapi.exports")

# Beside the scope of the route: these tell who is in the project, and how it is set up.
_OF_THE_WHOLE: Final = (Scope.PROJECTS_READ, Scope.MEMBERS_READ)
_WHOLE: Final = frozenset({ExportFormat.NDJSON, ExportFormat.ZIP})


@dataclass(frozen=True, slots=True)
class Export:
    """What is sent, and what it is called."""

    name: str
    chunks: AsyncIterator[bytes] | None
    """None where only its head was asked for."""


async def export(parts: Parts, caller: Caller, project: str, format_: ExportFormat, *, head: bool) -> Export:
    """Begun: what can be refused has been, and the first bytes are there."""
    if format_ in _WHOLE:
        for scope in _OF_THE_WHOLE:
            require_scope(caller, scope)
    if head:
        async with unit_of_work(parts.database) as session:
            return Export(_name(await _load(session, caller, project), format_), None)
    async with AsyncExitStack() as stack:
        # Before the first connection: who waits for a place shall keep nobody from theirs.
        await stack.enter_async_context(parts.exports.place())
        await _tell(parts, caller, project, format_)
        session = await stack.enter_async_context(parts.database.snapshot())
        row = await _load(session, caller, project)
        spool = Spool()
        files = Files()
        spool.fill(_write(spool, _content(parts, caller, session, row, format_, files), stack.pop_all()))
    await spool.begun()
    chunks = spool.read()
    if format_ is ExportFormat.ZIP:
        chunks = archives.write(parts, row["id"], chunks, f"{row['key']}.ndjson", files)
    return Export(_name(row, format_), chunks)


async def _load(session: DbSession, caller: Caller, project: str) -> ProjectRow:
    return await projects.load(session, caller, project, Permission.TASK_READ)


async def _tell(parts: Parts, caller: Caller, project: str, format_: ExportFormat) -> None:
    """Before anything leaves. Where nothing can be written, reads go on, and this one is told by a log line alone."""
    with suppress(WritesRefused):
        async with unit_of_work(parts.database) as session:
            row = await _load(session, caller, project)
            await publish(session, caller, events.export_made(projects.place(row), new_id(), format_))
    log.info("export.made", project=project, format=format_, user_id=str(caller.id))


def _content(
    parts: Parts, caller: Caller, session: DbSession, row: ProjectRow, format_: ExportFormat, files: Files
) -> AsyncIterator[bytes]:
    match format_:
        case ExportFormat.CSV:
            return sheets.write(session, row)
        case ExportFormat.ICS:
            return calendars.write(session, row, zone_named(caller.timezone), public_url(parts.settings), caller.id)
        case ExportFormat.NDJSON | ExportFormat.ZIP:
            # What every member may read, so that the file is the same whoever takes it.
            return lines.write(session, row, readable_kinds(caller, ProjectRole.VIEWER), files.hear)


async def _write(spool: Spool, content: AsyncIterator[bytes], held: AsyncExitStack) -> None:
    """`held` are the snapshot and the place, which are given back as soon as all is written."""
    async with held:
        async for chunk in content:
            try:
                await spool.write(chunk)
            except OSError as error:
                raise StorageFull("There is no room for the export where temporary files are kept") from error


def _name(row: ProjectRow, format_: ExportFormat) -> str:
    return f"{row['key']}-{utc_now():%Y-%m-%d}.{format_}"
