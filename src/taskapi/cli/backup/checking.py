"""A backup is looked at from its first byte to its last, before anything else is touched."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from taskapi.cli.backup import archive, loading, programs
from taskapi.cli.backup.archive import NotWhole
from taskapi.cli.backup.manifest import Manifest
from taskapi.cli.backup.programs import Program
from taskapi.core.db import migrations
from taskapi.core.refused import Refused


@dataclass(frozen=True, slots=True)
class Checked:
    """A backup that is whole, and that this program can restore."""

    source: BinaryIO
    manifest: Manifest
    program: Program
    files: int

    def dump(self) -> Iterator[bytes]:
        for member in archive.members(self.source):
            if member.name.startswith(archive.FILES):
                return
            for chunk in member.chunks:
                if member.name.startswith(archive.DATABASE):
                    yield chunk


@contextmanager
def opened(file: Path) -> Iterator[BinaryIO]:
    try:
        with file.open("rb") as source:
            if not stat.S_ISREG(file.stat().st_mode):
                raise Refused(f"{file} is no file", exit_code=1)
            yield source
    except OSError as error:
        raise Refused(f"cannot read {file} ({error.strerror})", exit_code=1) from error


async def check(source: BinaryIO) -> Checked:
    """Read whole, and nothing else touched. Raises Refused."""
    manifest = Manifest.read(source)
    if not migrations.is_known(manifest.revision):
        raise Refused(
            f"the backup is of taskapi {manifest.taskapi} with the schema {manifest.revision}, "
            f"newer than this program, which ends at {migrations.newest()}: restore it with that version",
            exit_code=1,
        )
    files = 0
    for member in archive.members(source):
        for _ in member.chunks:
            pass
        files += member.name.startswith(archive.FILES)
    checked = Checked(source, manifest, programs.find("pg_restore", manifest.pg_dump), files)
    try:
        await loading.check(checked.program, manifest, checked.dump)
    except Refused as refused:
        raise NotWhole(str(refused)) from refused
    return checked
