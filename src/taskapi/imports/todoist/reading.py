"""A file of Todoist's: the CSV of a project, a backup of several as a ZIP archive, or an answer of its API."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO, Final
from zipfile import ZipFile, ZipInfo

from taskapi.imports import archives, documents
from taskapi.imports.documents import Damaged
from taskapi.imports.records import NotThatFormat, Reading, Record
from taskapi.imports.todoist import answers, templates

_HEAD: Final = 64
_ID_AT_END: Final = re.compile(r"\s*\[[A-Za-z0-9_-]{1,40}\]$")


def read(file: BinaryIO, reading: Reading) -> Iterator[Record]:
    if archives.is_archive(file):
        yield from _of_backup(file, reading)
    elif _is_json(file):
        yield from answers.read(file, reading)
    else:
        yield from templates.read(file, reading, "", datetime.now(UTC), ())


def _is_json(file: BinaryIO) -> bool:
    with documents.opened(file) as text:
        try:
            head = text.read(_HEAD).lstrip()
        except (OSError, EOFError):
            raise NotThatFormat("The file cannot be unpacked") from None
    file.seek(0)
    return head.startswith(("{", "["))


def _of_backup(file: BinaryIO, reading: Reading) -> Iterator[Record]:
    """Each CSV is a project: where there are several, its tasks are labelled with its name."""
    with archives.opened(file) as archive:
        members = [member for member in archive.infolist() if member.filename.casefold().endswith(".csv")]
        if not members:
            raise NotThatFormat("The ZIP archive holds no CSV of a project")
        for member in members:
            yield from _of_member(archive, member, reading, is_one_of_several=len(members) > 1)


def _of_member(archive: ZipFile, member: ZipInfo, reading: Reading, *, is_one_of_several: bool) -> Iterator[Record]:
    name = _project(member.filename)
    labels = (name,) if is_one_of_several and name else ()
    now = archives.packed_at(member)
    now = now.replace(tzinfo=UTC) if now else datetime.now(UTC)
    try:
        with archives.unpacked(archive, member) as copy:
            yield from templates.read(copy, reading, member.filename, now, labels)
    except (Damaged, NotThatFormat) as error:
        why = f"The member {member.filename[:100]!r}: {error}"
        yield documents.problem(1, Damaged(f"holds a file that cannot be read. {why}"))


def _project(filename: str) -> str:
    """`Home [2203306141].csv`."""
    stem = filename.replace("\\", "/").rpartition("/")[2].removesuffix(".csv")
    return _ID_AT_END.sub("", stem).strip().replace("@", "")
