"""A file that is written and read side by side."""

import asyncio
import os

import pytest

from taskapi.exports.spool import Spool


async def test_what_is_written_is_read_also_while_it_is_written() -> None:
    spool, goes_on = Spool(), asyncio.Event()
    parts = [os.urandom(300_000) for _ in range(4)]

    async def write() -> None:
        for part in parts[:2]:
            await spool.write(part)
        await goes_on.wait()
        for part in parts[2:]:
            await spool.write(part)

    spool.fill(write())
    read = b""
    async for chunk in spool.read():
        read += chunk
        if len(read) == 600_000:
            goes_on.set()
    assert read == b"".join(parts)


async def test_a_failure_of_the_writer_is_the_readers() -> None:
    spool = Spool()

    async def write() -> None:
        await spool.write(b"half")
        raise ConnectionError

    spool.fill(write())
    chunks = spool.read()
    assert await anext(chunks) == b"half"
    with pytest.raises(ConnectionError):
        await anext(chunks)


async def test_who_stops_reading_stops_the_writing() -> None:
    spool, ended = Spool(), asyncio.Event()

    async def write() -> None:
        try:
            await spool.write(b"some")
            await asyncio.Event().wait()
        finally:
            ended.set()

    spool.fill(write())
    chunks = spool.read()
    assert await anext(chunks) == b"some"
    await chunks.aclose()  # type: ignore[attr-defined]
    assert ended.is_set()


async def test_nothing_to_write_is_an_empty_file() -> None:
    spool = Spool()

    async def write() -> None:
        pass

    spool.fill(write())
    await spool.begun()
    assert [chunk async for chunk in spool.read()] == []
