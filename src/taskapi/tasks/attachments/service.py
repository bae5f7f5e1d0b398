"""Attachments: attached by commenters and above, renamed and deleted by who attached them and by administrators."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission, grants
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Forbidden, NotFound
from taskapi.core.ids import new_id
from taskapi.core.lists.paging import MAX_COUNTED, Slice
from taskapi.core.resources import reading, writing
from taskapi.core.resources.document import Document, changes_of, require_match
from taskapi.core.resources.records import Place
from taskapi.core.resources.writing import Values
from taskapi.projects import service as projects
from taskapi.projects.errors import TooManyTasksToCopy
from taskapi.settings import StorageSettings
from taskapi.tasks import service as tasks
from taskapi.tasks.attachments import errors, queries
from taskapi.tasks.attachments.jobs import draw_previews
from taskapi.tasks.attachments.previews import PREVIEWED
from taskapi.tasks.attachments.queries import ATTACHMENT, StoredRow
from taskapi.tasks.attachments.schemas import AttachmentFilter, AttachmentUpdate
from taskapi.tasks.errors import TooMuchToMerge
from taskapi.tasks.queries import TaskRow

_STEP: Final = 200
_COPIED: Final = ("name", "size", "media_type", "sha256")


@dataclass(frozen=True, slots=True)
class Received:
    """A file that is stored, and that nobody knows of yet."""

    object_id: UUID
    name: str
    size: int
    media_type: str
    sha256: str


@dataclass(slots=True)
class Room:
    """How many bytes may still come, and what is said to who sends more."""

    left: int
    full: errors.QuotaReached
    file_max_bytes: int

    def require(self, size: int) -> None:
        """Of one file, so far."""
        if size > self.file_max_bytes:
            raise errors.FileTooLarge(f"A file may have {self.file_max_bytes} bytes")
        if size > self.left:
            raise self.full

    def take(self, size: int) -> None:
        self.left -= size


async def find_room(session: DbSession, caller: Caller, task: str, limits: StorageSettings) -> Room:
    """Whether the caller may attach a file to the task, and how large: asked before it is sent."""
    row = await tasks.find(session, caller, task, Permission.COMMENT_WRITE)
    projects.require_not_archived(row)
    return await _room(session, caller, row["id"], row["project_id"], limits, files=1)


async def list_attachments(session: DbSession, caller: Caller, task: str, params: AttachmentFilter) -> Slice:
    fields = (await tasks.get_task(session, caller, task)).fields()
    place = Place(UUID(fields["id"]), UUID(fields["project_id"]), fields["key"])
    return await reading.page(session, ATTACHMENT, place, params, params.sort)


async def find_attachment(session: DbSession, caller: Caller, attachment_id: UUID) -> StoredRow:
    row: StoredRow | None = await reach.find(
        session, caller, queries.visible, Permission.TASK_READ, attachment_id=attachment_id
    )
    if row is None:
        raise _no_attachment()
    return row


async def attach(
    session: DbSession, caller: Caller, task: str, received: list[Received], limits: StorageSettings
) -> list[Document]:
    """What is stored becomes known. Since it was sent, others may have taken the room."""
    row = await tasks.load(session, caller, task, Permission.COMMENT_WRITE)
    projects.require_not_archived(row)
    await session.run(queries.QUEUE)
    room = await _room(session, caller, row["id"], row["project_id"], limits, files=len(received))
    place = _place(row)
    added = []
    for one in received:
        room.require(one.size)
        room.take(one.size)
        values = {
            "id": new_id(),
            "object_id": one.object_id,
            **{name: getattr(one, name) for name in _COPIED},
            "created_by": caller.id,
            "created_at": utc_now(),
        }
        added.append(await writing.add(session, caller, ATTACHMENT, place, values))
        if one.media_type in PREVIEWED:
            await draw_previews.enqueue(session, object_id=one.object_id)
    return added


async def update_attachment(
    session: DbSession, caller: Caller, attachment_id: UUID, data: AttachmentUpdate, if_match: str | None
) -> Document:
    row, document = await _hold(session, caller, attachment_id, if_match, "Renaming")
    return await writing.change(session, caller, ATTACHMENT, _place(row), document, changes_of(document.fields(), data))


async def delete_attachment(session: DbSession, caller: Caller, attachment_id: UUID, if_match: str | None) -> None:
    """For good. The bytes go with the next sweep, unless a copy has them, too."""
    row, document = await _hold(session, caller, attachment_id, if_match, "Deleting")
    await writing.remove(session, caller, ATTACHMENT, _place(row), document)


async def copy_to(session: DbSession, caller: Caller, task_id: UUID, to: Place) -> None:
    """What is on a task, on its copy, too. Nothing new is stored, so nobody asks whether there is room."""
    await _copy(session, caller, {task_id: to})


async def copy_all(session: DbSession, caller: Caller, copies: Mapping[UUID, Place]) -> None:
    """What is on tasks that were copied, by whose copies these are."""
    copied, count = list(copies), 0
    for start in range(0, len(copied), _STEP):
        count += await _copy(session, caller, {of: copies[of] for of in copied[start : start + _STEP]})
        if count > MAX_COUNTED:
            raise TooManyTasksToCopy(f"They have more than {MAX_COUNTED} files; copy it without its tasks")


async def go_along(session: DbSession, caller: Caller, merged: Place, into: Place) -> None:
    """The files of a task that is merged into another are that one's."""
    if await session.only_value(ATTACHMENT.count, of_place=merged.id) > MAX_COUNTED:
        raise TooMuchToMerge(f"It has more than {MAX_COUNTED} attachments")
    await writing.move_all(session, caller, ATTACHMENT, merged, into)


async def _copy(session: DbSession, caller: Caller, copies: Mapping[UUID, Place]) -> int:
    now = utc_now()
    placed: list[tuple[Place, Values]] = []
    for row in await session.fetch_rows(queries.OF_TASKS, of_tasks=list(copies)):
        fields = Document.of(row).fields()
        own = {"id": new_id(), "object_id": row["object_id"], "created_by": caller.id, "created_at": now}
        values = {**{name: fields[name] for name in _COPIED}, **own}
        placed.append((copies[UUID(fields["task_id"])], values))
    await writing.add_in(session, caller, ATTACHMENT, placed)
    return len(placed)


async def _hold(
    session: DbSession, caller: Caller, attachment_id: UUID, if_match: str | None, doing: str
) -> tuple[TaskRow, Document]:
    """Its task and itself, locked, for who attached it and for who moderates."""
    found = await find_attachment(session, caller, attachment_id)
    row = await tasks.load(session, caller, str(found["task_id"]), Permission.COMMENT_WRITE)
    document = await reading.hold(session, ATTACHMENT, _place(row), attachment_id, None)
    if document.fields()["created_by"] != str(caller.id) and not grants(row["role"], Permission.COMMENT_MODERATE):
        raise Forbidden(f"{doing} a file of somebody else needs the permission {Permission.COMMENT_MODERATE}")
    require_match(if_match, document)
    projects.require_not_archived(row)
    return row, document


async def _room(
    session: DbSession, caller: Caller, task_id: UUID, project_id: UUID, limits: StorageSettings, *, files: int
) -> Room:
    taken = await session.only_row(queries.ROOM, task_id=task_id, project_id=project_id, user_id=caller.id)
    if taken["files_of_task"] + files > limits.files_per_task:
        raise errors.TaskFilesFull(f"A task may have {limits.files_per_task} files")
    bounds = (
        (taken["of_task"], limits.file_bytes_per_task, errors.TaskFilesFull, "a task"),
        (taken["of_project"], limits.file_bytes_per_project, errors.ProjectFilesFull, "a project"),
        (taken["of_user"], limits.file_bytes_per_user, errors.UserFilesFull, "one person"),
    )
    used, most, full, whose = min(bounds, key=lambda bound: bound[1] - bound[0])
    return Room(most - used, full(errors.together(whose, most)), limits.file_max_bytes)


def _place(row: TaskRow) -> Place:
    return Place(row["id"], row["project_id"], Document.of(row).fields()["key"])


def _no_attachment() -> NotFound:
    return NotFound("There is no such file, or you are not in its project")
