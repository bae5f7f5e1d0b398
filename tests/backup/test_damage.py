"""What is damaged, cut short, added to or not a backup of ours is refused before anything is touched."""

import asyncio
import gzip
import io
import json
import os
import tarfile
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from taskapi.cli.backup import archive, checking
from taskapi.core.refused import Refused
from tests.backup.conftest import Place
from tests.support.databases import Template

pytestmark = pytest.mark.slow
BLOCK = 512
Members = list[tuple[str, bytes]]


@pytest.fixture(scope="module")
async def whole(template: Template, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("whole")
    async with template.cloned("damage") as url:
        place = Place.at(url, folder)
        await place.put({"attachments/one": b"one", "attachments/two": os.urandom(3000)})
        await place.back_up(folder / "b")
    return (folder / "b").read_bytes()


def members_of(whole: bytes) -> Members:
    return [(member.name, b"".join(member.chunks)) for member in archive.members(io.BytesIO(whole))]


def sealed(members: Members) -> bytes:
    """With the sums that belong to them: what somebody writes who knows the format."""
    output = io.BytesIO()
    with archive.Writer(output) as writer:
        for name, content in members:
            writer.add(name, content)
        writer.close()
    return output.getvalue()


def position(whole: bytes, name: str) -> int:
    """Where the head of a member is."""
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        return tar.getmember(name).offset


def flipped(whole: bytes, at: int) -> bytes:
    return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]


def manifest_with(**fields: Any) -> Callable[[bytes], bytes]:
    def changed(whole: bytes) -> bytes:
        (name, content), *others = members_of(whole)
        return sealed([(name, json.dumps({**json.loads(content), **fields}).encode()), *others])

    return changed


def without(name: str) -> Callable[[bytes], bytes]:
    """Cut out of the file, its sum left."""

    def cut(whole: bytes) -> bytes:
        begins = position(whole, name)
        size = len(dict(members_of(whole))[name])
        return whole[:begins] + whole[begins + BLOCK + size + -size % BLOCK :]

    return cut


def with_member(member: tarfile.TarInfo, content: bytes = b"") -> Callable[[bytes], bytes]:
    """Put before the sums, which do not know it."""

    def added(whole: bytes) -> bytes:
        at = position(whole, archive.SUMS)
        return whole[:at] + member.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % BLOCK) + whole[at:]

    return added


def member(name: str, size: int = 0, **fields: Any) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size, made.mode = size, 0o600
    for field, value in fields.items():
        setattr(made, field, value)
    return made


def renamed(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda whole: sealed([(new if name == old else name, content) for name, content in members_of(whole)])


def replaced(which: str, new: bytes) -> Callable[[bytes], bytes]:
    return lambda whole: sealed([(name, new if name == which else content) for name, content in members_of(whole)])


def flipped_in(name: str, after: int) -> Callable[[bytes], bytes]:
    return lambda whole: flipped(whole, position(whole, name) + after)


def somebody_elses(_: bytes) -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as tar:
        tar.addfile(member("etc/passwd", 4), io.BytesIO(b"root"))
    return output.getvalue()


def zipped(whole: bytes) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("manifest.json", whole)
    return output.getvalue()


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "ends too early"),
    "cut in the first head": (lambda whole: whole[:100], "ends too early"),
    "cut in the manifest": (lambda whole: whole[: BLOCK + 50], "ends too early"),
    "cut in the dump": (lambda whole: whole[: len(whole) // 2], "ends too early"),
    "cut before the sums": (lambda whole: whole[: position(whole, archive.SUMS)], "ends too early"),
    "cut in the sums": (lambda whole: whole[: position(whole, archive.SUMS) + BLOCK + 10], "ends too early"),
    "without its last byte": (lambda whole: whole[:-1], "ends too early"),
    "a bit of the manifest": (flipped_in(archive.MANIFEST, BLOCK + 3), "not one of taskapi's"),
    "a bit of the padding": (flipped_in("database/000001", -1), "stands between its members"),
    "a bit of the dump": (flipped_in("database/000001", BLOCK + 20_000), "its SHA-256 differs"),
    "a bit of a file": (flipped_in("files/attachments/two", BLOCK + 2000), "its SHA-256 differs"),
    "a bit of a head": (flipped_in("files/attachments/two", 120), "no readable head"),
    "a bit of the sums": (flipped_in(archive.SUMS, BLOCK + 5), "its SHA-256 differs"),
    "a bit of the end": (lambda whole: flipped(whole, len(whole) - 5), "ends too early"),
    "something at its end": (lambda whole: whole + b"\0", "something follows its end"),
    "no manifest": (without(archive.MANIFEST), "does not begin with a manifest"),
    "no dump": (without("database/000001"), "where none belongs"),
    "a file missing": (without("files/attachments/one"), "its SHA-256 differs, or one is missing"),
    "a member too many": (with_member(member("files/attachments/three", 3), b"abc"), "one is missing or too many"),
    "a member twice": (with_member(member("files/attachments/one", 3), b"one"), "one is missing or too many"),
    "a manifest twice": (with_member(member(archive.MANIFEST)), "where none belongs"),
    "a path out of its folder": (renamed("files/attachments/one", "files/../../etc/passwd"), "where none belongs"),
    "an absolute path": (renamed("files/attachments/one", "/etc/passwd"), "where none belongs"),
    "a symbolic link": (
        with_member(member("files/attachments/link", type=tarfile.SYMTYPE, linkname="/etc/passwd")),
        "was not written by this program",
    ),
    "a hard link": (
        with_member(member("files/attachments/link", type=tarfile.LNKTYPE, linkname="manifest.json")),
        "was not written by this program",
    ),
    "a device": (with_member(member("files/attachments/dev", type=tarfile.CHRTYPE)), "was not written by this program"),
    "more than there is": (with_member(member("files/attachments/huge", 1 << 40)), "ends too early"),
    "a manifest without end": (
        lambda whole: sealed([(archive.MANIFEST, bytes(archive.MANIFEST_MOST_BYTES + 1)), *members_of(whole)[1:]]),
        "its manifest is too long",
    ),
    "a newer format": (manifest_with(format=2), "its format is 2, and this program reads format 1"),
    "a newer schema": (manifest_with(revision="9999"), "newer than this program"),
    "a newer pg_dump": (manifest_with(pg_dump=99), "needs pg_restore of PostgreSQL 99"),
    "somebody else's manifest": (manifest_with(product="other"), "not one of taskapi's"),
    "tables that it does not hold": (manifest_with(tables={"public.others": 1}), "does not hold the tables"),
    "a manifest with a word too many": (manifest_with(owner="me"), "not one of taskapi's"),
    "a name of a table that is SQL": (manifest_with(tables={"public.a; DROP TABLE users": 1}), "not one of taskapi's"),
    "a dump of nothing": (replaced("database/000001", b"no dump"), "pg_restore failed"),
    "somebody else's tar": (somebody_elses, "was not written by this program|does not begin with a manifest"),
    "compressed": (gzip.compress, "no readable head"),
    "a zip bomb": (lambda _: gzip.compress(bytes(50_000_000)), "no readable head"),
    "a zip": (zipped, "no readable head"),
    "a text": (lambda _: b"-- PostgreSQL database dump\n" * 100, "no readable head"),
}


@pytest.mark.parametrize("kind", DAMAGES)
async def test_damage_is_told_and_nothing_is_touched(whole: bytes, tmp_path: Path, kind: str) -> None:
    damage, complaint = DAMAGES[kind]
    file = tmp_path / "b"
    file.write_bytes(damage(whole))
    with checking.opened(file) as source, pytest.raises(Refused, match=complaint) as refused:
        await checking.check(source)
    assert "\n" not in str(refused.value)


async def test_the_dump_is_read_to_its_end(whole: bytes, tmp_path: Path) -> None:
    """Its list of contents stands at its beginning: a dump without rows has it, too."""
    dump = dict(members_of(whole))["database/000001"]
    (tmp_path / "b").write_bytes(replaced("database/000001", dump[: len(dump) * 2 // 3])(whole))
    with checking.opened(tmp_path / "b") as source, pytest.raises(Refused, match="pg_restore failed"):
        await checking.check(source)


async def test_what_is_whole_is_taken(whole: bytes, tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(whole)
    with checking.opened(tmp_path / "b") as source:
        assert (await checking.check(source)).files == 2


async def test_every_bit_counts() -> None:
    """A thousand places of a file, wherever they are: no padding, head or end is looked past."""
    small = sealed([(archive.MANIFEST, b"{}"), ("database/000001", b"abc"), ("files/attachments/one", b"1")])

    def read(content: bytes) -> None:
        for found in archive.members(io.BytesIO(content)):
            for _ in found.chunks:
                pass

    read(small)
    for at in range(0, len(small), 3):
        with pytest.raises(Refused):
            read(flipped(small, at))


def test_a_directory_and_what_is_not_there_are_named(tmp_path: Path) -> None:
    for place, complaint in ((tmp_path, "Is a directory"), (tmp_path / "none", "No such file")):
        with pytest.raises(Refused, match=complaint), checking.opened(place):
            pass


def test_an_archive_without_its_end_is_none() -> None:
    output = io.BytesIO()
    with archive.Writer(output) as writer:
        writer.add(archive.MANIFEST, b"{}")
        with pytest.raises(Refused, match="changed its length"):
            asyncio.run(writer.add_stream("files/attachments/one", 3, _few()))


async def _few() -> AsyncIterator[bytes]:
    yield b"ab"
