"""`taskapi backup FILE`."""

import asyncio
import os
import stat
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager, suppress
from pathlib import Path
from typing import IO, Final

import asyncpg
import typer

from taskapi.cli.backup import archive, dumping, place
from taskapi.cli.backup.archive import Writer
from taskapi.cli.backup.manifest import Manifest
from taskapi.cli.signals import until_signalled
from taskapi.core import startup
from taskapi.core.db import reachability
from taskapi.core.errors import AppError
from taskapi.core.observing import logs
from taskapi.core.refused import Refused
from taskapi.core.storage.errors import ObjectMissing
from taskapi.core.storage.opening import storage_of
from taskapi.core.storage.storage import Storage, StoredObject
from taskapi.settings import Settings

_STDOUT: Final = "-"
_INTERRUPTED: Final = 130


def back_up(target: str) -> None:
    settings = startup.load_settings()
    logs.configure(settings, sys.stderr)
    whole = False
    with until_signalled(), place.to_read_from(settings) as found:
        typer.echo(asyncio.run(write(found, target)), err=target == _STDOUT)
        whole = True
    if not whole:
        raise Refused("interrupted: there is no backup", exit_code=_INTERRUPTED)


async def write(settings: Settings, target: str) -> str:
    url = await reachability.wait_for_database(settings.database)
    fingerprint = place.fingerprint(settings)
    try:
        with _output(target) as output, Writer(output) as writer:
            async with dumping.snapshot(url, fingerprint) as snapshot:
                writer.add(archive.MANIFEST, snapshot.manifest.written())
                await _add_dump(writer, dumping.dump(snapshot))
            # After the database: what its rows speak of is there, but for what was deleted for good since.
            files = await _add_files(writer, storage_of(settings))
            writer.close()
    except OSError as error:
        raise Refused(f"cannot write {target} ({error.strerror}): there is no backup", exit_code=1) from error
    except asyncpg.PostgresError as error:
        raise Refused(f"the database does not give a backup: {error}", exit_code=1) from error
    except AppError as error:
        raise Refused(f"cannot read the files ({error.detail}): there is no backup", exit_code=1) from error
    return _told(target, snapshot.manifest, files, writer.size)


async def _add_dump(writer: Writer, chunks: AsyncIterator[bytes]) -> None:
    number, held = 0, bytearray()
    async for chunk in chunks:
        held += chunk
        while len(held) >= archive.PART_BYTES:
            number += 1
            writer.add(archive.part_name(number), bytes(held[: archive.PART_BYTES]))
            del held[: archive.PART_BYTES]
    if held:
        writer.add(archive.part_name(number + 1), bytes(held))


async def _add_files(writer: Writer, storage: Storage) -> int:
    added = 0
    async for stored in storage.list(""):
        # Half of a file, that an upload which was killed has left, has no key.
        if archive.KEY.fullmatch(stored.key):
            added += await _add_file(writer, storage, stored)
    return added


async def _add_file(writer: Writer, storage: Storage, stored: StoredObject) -> bool:
    """False where it was deleted since it was listed: its row is on its way out, too."""
    async with aclosing(storage.read(stored.key, length=stored.size)) as chunks:  # type: ignore[type-var]
        try:
            first = await anext(chunks, b"")
        except ObjectMissing:
            return False

        async def all_chunks() -> AsyncIterator[bytes]:
            yield first
            async for chunk in chunks:
                yield chunk

        await writer.add_stream(f"{archive.FILES}{stored.key}", stored.size, all_chunks())
    return True


@contextmanager
def _output(target: str) -> Iterator[IO[bytes]]:
    """The file takes its name when it is whole, and on the disk; whatever fails leaves what was there before."""
    if target == _STDOUT:
        if sys.stdout.isatty():
            raise Refused("a backup is nothing to read: send it to a file or a program")
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    file = Path(target)
    if file.exists() and not stat.S_ISREG(file.stat().st_mode):
        raise Refused(f"{file} is no file: name one, or - for standard output")
    descriptor, unfinished = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-", suffix=".part")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as output:
            yield output
            output.flush()
            os.fsync(output.fileno())
        Path(unfinished).replace(file)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(unfinished).unlink()
        raise
    _make_durable(file.parent)


def _make_durable(folder: Path) -> None:
    """The name of a file is the folder's."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _told(target: str, manifest: Manifest, files: int, size: int) -> str:
    where = "Written" if target == _STDOUT else f"{target} is whole"
    return (
        f"{where}: {manifest.rows:,} rows of {len(manifest.tables)} tables at {manifest.revision}, {files:,} files, "
        f"{size:,} bytes"
    )
