"""A file comes back as it was written, and what was not written whole is not there."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from taskapi.core.clock import utc_now
from taskapi.core.storage.errors import NoRoomForFiles, ObjectMissing, StorageUnavailable
from taskapi.core.storage.storage import Storage
from tests.core.storage.conftest import in_bucket, in_directory
from tests.support.s3 import S3Server
from tests.support.small_disk import small_disk

KEY = "attachments/a-file"
MANY = bytes(range(256)) * 4096 * 12 + b"end"  # more than two parts of S3


async def pieces(content: bytes, size: int = 64 * 1024) -> AsyncIterator[bytes]:
    for first in range(0, len(content), size):
        yield content[first : first + size]


async def read(storage: Storage, key: str = KEY, first: int = 0, length: int | None = None) -> bytes:
    return b"".join([piece async for piece in storage.read(key, first, length)])


async def keys(storage: Storage) -> set[str]:
    return {stored.key async for stored in storage.list("attachments")}


@pytest.mark.parametrize("content", [b"", b"few", MANY], ids=["empty", "few", "many"])
async def test_a_file_comes_back(storage: Storage, content: bytes) -> None:
    assert await storage.put(KEY, pieces(content)) == len(content)
    assert await read(storage) == content


async def test_a_part_of_a_file_is_read(storage: Storage) -> None:
    await storage.put(KEY, pieces(MANY))
    assert await read(storage, first=5, length=3_000_000) == MANY[5:3_000_005]
    assert await read(storage, first=len(MANY) - 3) == b"end"
    assert await read(storage, first=len(MANY)) == b""


async def test_a_list_tells_key_size_and_time(storage: Storage) -> None:
    await storage.put(KEY, pieces(b"few"))
    await storage.put("imports/another", pieces(b"more"))
    (stored,) = [stored async for stored in storage.list("attachments")]
    assert (stored.key, stored.size) == (KEY, 3)
    assert abs(utc_now() - stored.at) < timedelta(minutes=5)
    assert [stored async for stored in storage.list("nowhere")] == []


async def test_what_is_deleted_is_gone_and_deleting_it_again_is_no_failure(storage: Storage) -> None:
    names = [f"attachments/{number}" for number in range(5)]
    for name in names:
        await storage.put(name, pieces(b"few"))
    await storage.delete(names[:4])
    await storage.delete(names[:4])
    assert await keys(storage) == {names[4]}
    with pytest.raises(ObjectMissing):
        await read(storage, names[0])


async def test_a_copy_outlives_what_it_was_made_of_and_is_as_old_as_itself(storage: Storage, tmp_path: Path) -> None:
    await storage.put(KEY, pieces(b"few"))
    if (file := tmp_path / "files" / KEY).exists():
        os.utime(file, (0, 0))
    await storage.copy(KEY, "attachments/copy")
    await storage.delete([KEY])
    (stored,) = [stored async for stored in storage.list("attachments")]
    assert stored.key == "attachments/copy"
    assert abs(utc_now() - stored.at) < timedelta(minutes=5)
    assert await read(storage, "attachments/copy") == b"few"
    with pytest.raises(ObjectMissing):
        await storage.copy(KEY, "attachments/third")


@pytest.mark.parametrize("sent", [10, len(MANY)], ids=["at once", "after two parts"])
async def test_a_body_that_breaks_off_leaves_nothing(storage: Storage, sent: int) -> None:
    async def broken() -> AsyncIterator[bytes]:
        async for piece in pieces(MANY[:sent]):
            yield piece
        raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError, match="gone"):
        await storage.put(KEY, broken())
    assert await keys(storage) == set()


async def test_a_cancelled_upload_leaves_nothing(storage: Storage, request: pytest.FixtureRequest) -> None:
    waits = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        async for piece in pieces(MANY):
            yield piece
        waits.set()
        await asyncio.Event().wait()

    upload = asyncio.create_task(storage.put(KEY, endless()))
    await waits.wait()
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    assert await keys(storage) == set()
    if "s3" in request.node.callspec.id:
        assert request.getfixturevalue("s3").unfinished() == 0


async def test_a_check_writes_reads_and_leaves_nothing(storage: Storage) -> None:
    await storage.check()
    assert [stored async for stored in storage.list("probes")] == []


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../secret", "a/../b", "attachments/a b", "attachments/ä", "attachments//a", "A/b", "x"]
)
async def test_a_key_leads_nowhere_else(storage: Storage, key: str) -> None:
    with pytest.raises(ValueError, match="is no key"):
        await storage.put(key, pieces(b"few"))
    with pytest.raises(ValueError, match="is no key"):
        await read(storage, key)


async def test_a_directory_is_for_us_alone(tmp_path: Path) -> None:
    storage = in_directory(tmp_path / "files")
    await storage.put(KEY, pieces(b"few"))
    assert (tmp_path / "files").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "files" / KEY).stat().st_mode & 0o777 == 0o600


async def test_what_a_killed_upload_left_is_listed_and_deleted(tmp_path: Path) -> None:
    storage = in_directory(tmp_path / "files")
    await storage.put(KEY, pieces(b"few"))
    (tmp_path / "files" / f"{KEY}#1").write_bytes(b"half")
    assert await keys(storage) == {KEY, f"{KEY}#1"}
    await storage.delete([f"{KEY}#1"])
    assert await keys(storage) == {KEY}


async def test_a_place_that_is_not_ours_is_said_to_be_unavailable(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("no directory")
    storage = in_directory(tmp_path / "files")
    with pytest.raises(StorageUnavailable):
        await storage.check()
    with pytest.raises(StorageUnavailable):
        await storage.put(KEY, pieces(b"few"))


@pytest.mark.slow
async def test_a_full_disk_is_a_507_and_leaves_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 4) as disk:
        storage = in_directory(disk / "files")
        with pytest.raises(NoRoomForFiles):
            await storage.put(KEY, pieces(MANY))
        assert await keys(storage) == set()
        assert await storage.put(KEY, pieces(b"few")) == 3


@pytest.mark.slow
async def test_a_store_that_is_gone_is_said_to_be_within_five_seconds() -> None:
    server = S3Server()
    server.start()
    try:
        storage = in_bucket(server)
        await storage.put(KEY, pieces(b"few"))
        server.freeze()
        await _is_unavailable_soon(storage)
        server.thaw()
        assert await read(storage) == b"few"
    finally:
        server.stop()
    await _is_unavailable_soon(storage)


async def _is_unavailable_soon(storage: Storage) -> None:
    """Five seconds, and as many again for a machine with other work: obstore itself would try for minutes."""
    async with asyncio.timeout(10):
        with pytest.raises(StorageUnavailable):
            await storage.put(KEY, pieces(b"few"))
    async with asyncio.timeout(10):
        with pytest.raises(StorageUnavailable):
            await read(storage)
