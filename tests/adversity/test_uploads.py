"""Uploads to a real process: slow, large, killed in the middle. Afterwards rows and files agree."""

import asyncio
import hashlib
import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from taskapi.core.mail.mailers import ConsoleMailer
from taskapi.core.work.jobs import JobContext
from taskapi.settings import Settings, StorageSettings
from taskapi.tasks.attachments import jobs
from tests.adversity.observing import rows
from tests.adversity.serving import Service, serve
from tests.support.factory import Factory, MadeProject
from tests.support.small_disk import small_disk

MEBIBYTE = 1024 * 1024
_HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
_END = b"\r\n--b--\r\n"


@pytest.fixture
async def web(live: Factory) -> MadeProject:
    project = await live.project(key="WEB")
    await live.task(project)
    return project


def head(project: MadeProject, length: int) -> bytes:
    lines = (
        "POST /api/v1/tasks/WEB-1/attachments HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {project.owner.access_token}",
        "Content-Type: multipart/form-data; boundary=b",
        f"Content-Length: {length + len(_HEAD) + len(_END)}",
    )
    return "\r\n".join([*lines, "", ""]).encode() + _HEAD


@contextmanager
def served(
    database_url: str, folder: Path, program: tuple[str, ...] = ("taskapi",), files: Path | None = None
) -> Iterator[Service]:
    where = (files or folder / "files").as_uri()
    with serve(database_url, folder, program, TASKAPI_RATE_LIMIT="off", TASKAPI_STORAGE_URL=where) as service:
        yield service


def on_disk(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (folder / "files" / "attachments").glob("*")}


async def attachments(database_url: str) -> list[Any]:
    return await rows(database_url, "SELECT object_id, size, sha256 FROM attachments")


async def test_a_killed_service_leaves_no_row_and_no_file_for_ever(
    live: Factory, database_url: str, web: MadeProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of a part; test_killed_files.py has the other steps."""
    with served(database_url, tmp_path) as service, service.connect() as connection:
        connection.sendall(head(web, 4 * MEBIBYTE) + bytes(3 * MEBIBYTE))
        await _until_some_are_written(tmp_path)
        service.process.send_signal(signal.SIGKILL)
        service.process.wait()
    assert await attachments(database_url) == []
    assert on_disk(tmp_path)
    monkeypatch.setattr(jobs, "KEPT_AT_LEAST", -jobs.KEPT_AT_LEAST)
    storage = StorageSettings.model_validate({"STORAGE_URL": (tmp_path / "files").as_uri()})
    settings = Settings().model_copy(update={"storage": storage})
    await jobs.forget_files.run(JobContext(live.app.state.parts.database, settings, ConsoleMailer()))
    assert on_disk(tmp_path) == {}


async def _until_some_are_written(folder: Path) -> None:
    await _until(lambda: any(len(content) > 0 for content in on_disk(folder).values()))


async def _until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not happened():  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.01)


async def test_large_files_at_once_are_never_in_memory(database_url: str, web: MadeProject, tmp_path: Path) -> None:
    content = os.urandom(MEBIBYTE) * 16
    with served(database_url, tmp_path) as service:
        async with httpx.AsyncClient(base_url=service.url, headers=web.owner.headers, timeout=120) as client:
            path = "/api/v1/tasks/WEB-1/attachments"
            assert (await client.post(path, files={"file": ("small", b"x")})).status_code == 201
            before = service.resident_kib
            made = await asyncio.gather(*(client.post(path, files={"file": ("large", content)}) for _ in range(8)))
            grown = service.resident_kib - before
            assert [answer.status_code for answer in made] == [201] * 8
            # Held are some mebibytes for each, of which the allocator keeps a part; the files have 128.
            assert grown < 64 * 1024
            large = made[0].json()["items"][0]
            assert large["sha256"] == hashlib.sha256(content).hexdigest()
            async with client.stream("GET", f"/api/v1/attachments/{large['id']}/content") as answer:
                found = hashlib.sha256()
                async for piece in answer.aiter_bytes():
                    found.update(piece)
            assert found.hexdigest() == large["sha256"]


async def test_a_gigabyte_is_refused_after_a_file_of_it(database_url: str, web: MadeProject, tmp_path: Path) -> None:
    with served(database_url, tmp_path) as service, service.connect() as connection:
        # Less than ten files may have, and more than one.
        connection.sendall(head(web, 400 * MEBIBYTE))
        sent = 0
        try:
            while sent < 400 * MEBIBYTE:
                sent += connection.send(bytes(64 * 1024))
        except (BrokenPipeError, ConnectionResetError):
            pass
        # One file, what is thrown away after the answer, and what the system holds on both sides.
        assert sent < (50 + 64 + 16) * MEBIBYTE
        assert on_disk(tmp_path) == {}


async def test_whoever_sends_too_much_can_read_why(database_url: str, web: MadeProject, tmp_path: Path) -> None:
    """With a client that sends all before it reads."""
    with served(database_url, tmp_path) as service:
        async with httpx.AsyncClient(base_url=service.url, headers=web.owner.headers, timeout=120) as client:
            path = "/api/v1/tasks/WEB-1/attachments"
            refused = await client.post(path, files={"file": ("large", bytes(60 * MEBIBYTE))})
            assert (refused.status_code, refused.json()["code"]) == (413, "file_too_large")
            other = await client.post("/api/v1/tasks/WEB-9/attachments", files={"file": ("a", bytes(8 * MEBIBYTE))})
            assert other.status_code == 404


async def test_who_stops_sending_is_refused_and_leaves_nothing(
    database_url: str, web: MadeProject, tmp_path: Path
) -> None:
    with served(database_url, tmp_path) as service:
        connection = service.connect()
        connection.sendall(head(web, 4 * MEBIBYTE) + bytes(3 * MEBIBYTE))
        await _until_some_are_written(tmp_path)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()
        await _until(lambda: not on_disk(tmp_path))
    assert await attachments(database_url) == []


async def test_who_sends_a_byte_a_second_is_cut_off_and_leaves_nothing(
    database_url: str, web: MadeProject, tmp_path: Path
) -> None:
    """With the patience of a second, of which quick beginnings save two; as long as the service has is 5 and 20."""
    patience = {"look": 0.1, "body": 1.0, "body_most": 2.0}
    program = ("tests.support.impatient", json.dumps({"patience": patience}))
    with served(database_url, tmp_path, program) as service, service.connect() as connection:
        connection.sendall(head(web, 4 * MEBIBYTE) + bytes(3 * MEBIBYTE))
        await _until_some_are_written(tmp_path)
        connection.settimeout(0.1)
        answer = b""
        async with asyncio.timeout(30):
            while b"\r\n\r\n" not in answer:
                connection.send(b"x")
                try:
                    answer += await asyncio.to_thread(connection.recv, 65536)
                except TimeoutError:
                    continue
        assert answer.startswith(b"HTTP/1.1 408")
        await _until(lambda: not on_disk(tmp_path))
    assert await attachments(database_url) == []


async def test_a_disk_that_is_full_in_the_middle_is_told_and_left_as_it_was(
    database_url: str, web: MadeProject, tmp_path: Path
) -> None:
    """One of two files fits: neither stays. What fits is taken afterwards."""
    with small_disk(tmp_path / "disk", 8) as disk, served(database_url, tmp_path, files=disk / "files") as service:
        async with httpx.AsyncClient(base_url=service.url, headers=web.owner.headers, timeout=120) as client:
            path = "/api/v1/tasks/WEB-1/attachments"
            both = [("file", ("a", os.urandom(3 * MEBIBYTE))), ("file", ("b", os.urandom(8 * MEBIBYTE)))]
            refused = await client.post(path, files=both)
            assert (refused.status_code, refused.json()["code"]) == (507, "file_storage_full")
            assert [file for file in (disk / "files").rglob("*") if file.is_file()] == []
            assert (await client.get(path)).json()["items"] == []
            assert (await client.post(path, files={"file": ("c", os.urandom(3 * MEBIBYTE))})).status_code == 201
    assert len(await attachments(database_url)) == 1
