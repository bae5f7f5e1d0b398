"""Stored files become known on the tasks that they came with, whose they were and since when, where there is room."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import Fact, creation, publish_past
from taskapi.core.db.session import DbSession
from taskapi.core.fields import rfc3339
from taskapi.core.resources.records import Place
from taskapi.settings import StorageSettings
from taskapi.tasks.attachments import errors
from taskapi.tasks.attachments.arrivals import queries
from taskapi.tasks.attachments.jobs import draw_previews
from taskapi.tasks.attachments.previews import PREVIEWED
from taskapi.tasks.attachments.queries import QUEUE
from taskapi.tasks.attachments.service import Received, Room

_COLUMNS: Final = (
    *("id", "task_id", "object_id", "name", "size", "media_type", "sha256", "created_by", "created_at", "version"),
)
_HIDDEN: Final = "object_id"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A stored file, and the living task that it came with; `id` is what the attachment is to be called."""

    id: UUID
    task: Place
    received: Received
    created_by: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True)
class _Bound:
    taker: queries.Taker
    of_id: UUID | None
    most: int
    full: type[errors.QuotaReached]
    whose: str


async def room_of_project(session: DbSession, project_id: UUID, limits: StorageSettings) -> Room:
    """What its files may still take together: asked before some are stored for nothing."""
    rows = await session.fetch_rows(queries.TAKEN, task_ids=[], project_ids=[project_id], user_ids=[])
    most = limits.file_bytes_per_project
    return Room(
        most - sum(row["bytes"] for row in rows),
        errors.ProjectFilesFull(errors.together("a project", most)),
        limits.file_max_bytes,
    )


async def bring(
    session: DbSession, caller: Caller, arrived: Sequence[Arrived], limits: StorageSettings
) -> dict[UUID, errors.QuotaReached]:
    """Why some of them were not taken, by their ids. Nothing but the rows and their facts is written after it."""
    if not arrived:
        return {}
    await session.run(QUEUE)
    taken = await _taken(session, arrived)
    refused: dict[UUID, errors.QuotaReached] = {}
    kept = []
    for one in arrived:
        full = _why_full(one, taken, limits)
        if full is not None:
            refused[one.id] = full
            continue
        kept.append(one)
        taken["files", one.task.id] += 1
        for bound in _bounds(one, limits):
            taken[bound.taker, bound.of_id] += one.received.size
    await _write(session, caller, kept)
    return refused


async def _taken(session: DbSession, arrived: Sequence[Arrived]) -> Counter[tuple[str, UUID | None]]:
    rows = await session.fetch_rows(
        queries.TAKEN,
        task_ids=list({one.task.id for one in arrived}),
        project_ids=list({one.task.project_id for one in arrived}),
        user_ids=list({one.created_by for one in arrived}),
    )
    taken: Counter[tuple[str, UUID | None]] = Counter()
    for row in rows:
        taken[row["taker"], row["of_id"]] = row["bytes"]
        if row["taker"] == "task":
            taken["files", row["of_id"]] = row["files"]
    return taken


def _bounds(one: Arrived, limits: StorageSettings) -> Iterator[_Bound]:
    yield _Bound("task", one.task.id, limits.file_bytes_per_task, errors.TaskFilesFull, "a task")
    yield _Bound("project", one.task.project_id, limits.file_bytes_per_project, errors.ProjectFilesFull, "a project")
    yield _Bound("user", one.created_by, limits.file_bytes_per_user, errors.UserFilesFull, "one person")


def _why_full(
    one: Arrived, taken: Counter[tuple[str, UUID | None]], limits: StorageSettings
) -> errors.QuotaReached | None:
    if taken["files", one.task.id] >= limits.files_per_task:
        return errors.TaskFilesFull(f"A task may have {limits.files_per_task} files")
    for bound in _bounds(one, limits):
        if taken[bound.taker, bound.of_id] + one.received.size > bound.most:
            return bound.full(errors.together(bound.whose, bound.most))
    return None


async def _write(session: DbSession, caller: Caller, arrived: Sequence[Arrived]) -> None:
    rows = [_row(one) for one in arrived]
    await session.copy(queries.FILES, _COLUMNS, [[row[name] for name in _COLUMNS] for row in rows])
    told = []
    for one, row in zip(arrived, rows, strict=True):
        public = {name: value for name, value in row.items() if name != _HIDDEN}
        public["created_at"] = rfc3339(one.created_at)
        fact = Fact("attachment.created", "attachment", one.id, creation(public), one.task.project_id, one.task.key)
        told.append((fact, one.created_at, one.created_by))
    await publish_past(session, caller, told)
    for one in arrived:
        if one.received.media_type in PREVIEWED:
            await draw_previews.enqueue(session, object_id=one.received.object_id)


def _row(one: Arrived) -> dict[str, object]:
    received = one.received
    return {
        "id": one.id,
        "task_id": one.task.id,
        **{name: getattr(received, name) for name in ("object_id", "name", "size", "media_type", "sha256")},
        "created_by": one.created_by,
        "created_at": one.created_at,
        "version": 1,
    }
