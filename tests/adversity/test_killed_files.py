"""What moves files is killed at each of its steps: no row lacks its bytes then, and the sweep takes what is left."""

import asyncio
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from PIL import Image

from taskapi.core.mail.mailers import ConsoleMailer
from taskapi.core.work.jobs import JobContext
from taskapi.tasks.attachments import jobs, previews
from tests.adversity.observing import rows
from tests.support.factory import Factory, MadeProject
from tests.support.files import WEB_1_FILES, attach
from tests.support.mortal import Point, Request, Work, dies

_OPENED: Final = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
_NEXT: Final = b"\r\n" + _OPENED
_ENDED: Final = b"\r\n--b--\r\n"
_PIECE: Final = bytes(range(256)) * 1024
_COMMIT: Final = "taskapi.core.db.session:DbSession.commit"
_LOCAL: Final = "taskapi.core.storage.local:LocalStorage"
_WRITING: Final = "taskapi.core.resources.writing"
_PUT: Final = "taskapi.core.storage.storage:Storage.put"


@dataclass(frozen=True)
class World:
    """Two tasks, of which the first has an image, and another project."""

    database_url: str
    folder: Path
    make: Factory
    project: MadeProject
    object_id: UUID
    """What is stored of the image."""

    async def dies(self, doing: Request | Work, at: Point | None) -> bool:
        return await asyncio.to_thread(dies, self.database_url, self.folder.as_uri(), doing, at)

    def upload(self, *pieces: bytes) -> Request:
        """It ends when these were taken, if no sooner."""
        headers = {**self.project.owner.headers, "Content-Type": "multipart/form-data; boundary=b"}
        return Request("POST", WEB_1_FILES, headers, body=pieces)

    def ask(self, method: str, path: str, json: Any = None) -> Request:
        return Request(method, f"/api/v1/tasks/WEB-1{path}", self.project.owner.headers, json)

    async def rows(self) -> list[Any]:
        return await rows(self.database_url, "SELECT object_id, size, sha256 FROM attachments")

    def stored(self, kind: str = "attachments") -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in (self.folder / kind).glob("*")}

    async def sweep(self) -> None:
        parts = self.make.app.state.parts
        await jobs.forget_files.run(JobContext(parts.database, parts.settings, ConsoleMailer()))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the service's files lie; nobody waits for a day until they are swept."""
    monkeypatch.setenv("TASKAPI_STORAGE_URL", (tmp_path / "files").as_uri())
    monkeypatch.setattr(jobs, "KEPT_AT_LEAST", -jobs.KEPT_AT_LEAST)
    return tmp_path / "files"


@pytest.fixture
async def world(folder: Path, live: Factory, database_url: str) -> World:
    project = await live.project(key="WEB")
    await live.project(project.owner, key="APP")
    for _ in range(2):
        await live.task(project)
    image = io.BytesIO()
    Image.new("RGB", (400, 300), "navy").save(image, "PNG")
    await attach(live.client(project.owner), image.getvalue())
    [row] = await rows(database_url, "SELECT object_id FROM attachments")
    return World(database_url, folder, live, project, row["object_id"])


async def audit(world: World, rows: int) -> None:
    """Before the sweep no row lacks its bytes, and after it no bytes lack their row."""
    known = await world.rows()
    assert len(known) == rows
    stored = world.stored()
    for row in known:
        content = stored[row["object_id"].hex]
        assert (len(content), hashlib.sha256(content).hexdigest()) == (row["size"], row["sha256"])
    await world.sweep()
    referred_to = {row["object_id"].hex for row in known}
    assert set(world.stored()) == referred_to
    assert {name.partition("-")[0] for name in world.stored("previews")} <= referred_to


# What is sent before the process ends, and how many objects it leaves, half ones too.
_SENT: Final[dict[str, tuple[tuple[bytes, ...], int]]] = {
    "before the first byte": ((_OPENED,), 1),
    "in the middle of a part": ((_OPENED, *[_PIECE] * 12), 2),
    "between two files": ((_OPENED, _PIECE, _NEXT), 2),
    "after the last byte, and before the end": ((_OPENED, _PIECE), 1),
}
_WHOLE: Final = (_OPENED, *[_PIECE] * 5, _NEXT, b"small", _ENDED)


@pytest.mark.parametrize("sent", _SENT)
async def test_who_is_killed_while_a_file_comes_leaves_no_row(world: World, sent: str) -> None:
    pieces, left = _SENT[sent]
    assert await world.dies(world.upload(*pieces), None)
    assert len(world.stored()) == left
    await audit(world, 1)


def _upload(world: World) -> Request:
    return world.upload(*_WHOLE)


def _duplicate(world: World) -> Request:
    return world.ask("POST", "/duplicate", {})


def _move(world: World) -> Request:
    return world.ask("POST", "/move", {"project": "APP"})


def _merge(world: World) -> Request:
    return world.ask("POST", "/merge", {"into": "WEB-2"})


def _purge(world: World) -> Request:
    return world.ask("DELETE", "?permanent=true")


def _draw(world: World) -> Work:
    return Work(world.object_id)


# What it does, where it ends, and how many rows there are afterwards.
_POINTS: Final[dict[str, tuple[Callable[[World], Request | Work], Point, int]]] = {
    "the last byte is written, and not on the disk yet": (_upload, Point(f"{_LOCAL}._settle", call=2), 1),
    "all is stored, and no row is there": (_upload, Point(f"{_LOCAL}._settle", call=2, returned=True), 1),
    "the rows are not committed": (_upload, Point(_COMMIT), 1),
    "nobody was answered": (_upload, Point(_COMMIT, returned=True), 3),
    "a copy is not committed": (_duplicate, Point(f"{_WRITING}:add_in", returned=True), 1),
    "a copy was not answered": (_duplicate, Point(_COMMIT, returned=True), 2),
    "a task has moved, and is not committed": (_move, Point(_COMMIT), 1),
    "a task is half merged": (_merge, Point(f"{_WRITING}:move_all", returned=True), 1),
    "a task is purged, and not committed": (_purge, Point(_COMMIT), 1),
    "a task was purged": (_purge, Point(_COMMIT, returned=True), 0),
    "nothing is drawn": (_draw, Point(_PUT), 1),
    "one of two previews is stored": (_draw, Point(_PUT, returned=True), 1),
}


@pytest.mark.parametrize("point", _POINTS)
async def test_who_is_killed_at_a_point_leaves_rows_with_their_files(world: World, point: str) -> None:
    doing, at, left = _POINTS[point]
    assert await world.dies(doing(world), at)
    await audit(world, left)


async def test_a_killed_drawing_is_done_again(world: World) -> None:
    assert await world.dies(_draw(world), Point(_PUT, returned=True))
    assert len(world.stored("previews")) == 1
    assert not await world.dies(_draw(world), None)
    await world.sweep()
    keys = {previews.key(world.object_id, size) for size in ("small", "large")}
    assert {f"previews/{name}" for name in world.stored("previews")} == keys


async def test_a_killed_sweep_is_done_again(world: World) -> None:
    owner = world.make.client(world.project.owner)
    for number in range(3):
        attachment = await attach(owner, str(number).encode())
        await owner.delete(f"/api/v1/attachments/{attachment['id']}")
    assert await world.dies(Work(), Point("pathlib:Path.unlink", returned=True))
    assert len(world.stored()) == 3
    await audit(world, 1)
