"""Files that somebody made to do harm: each ends as a problem that says what is wrong, and none fills the memory."""

import gc
import io
import json
import random
import sys
import traceback
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest

from taskapi.imports.formats import FORMATS, ImportFormat
from taskapi.imports.records import NotThatFormat, Reading
from tests.imports.conftest import Importer

MEGABYTE: Final = 1 << 20
HEAD: Final = json.dumps({"type": "project", "format": "taskapi", "format_version": 1}).replace(" ", "")
END: Final = '{"type":"end","lines":2,"counts":{}}'


@dataclass(frozen=True)
class Hostile:
    """What is made of it: the code of the failure or of its problems, and how many tasks."""

    name: str
    format: str
    content: Callable[[], bytes]
    codes: frozenset[str]
    created: int = 0


def task(title: str = "Fine", **more: Any) -> str:
    line: dict[str, Any] = {
        "type": "task",
        "id": str(uuid4()),
        "title": title,
        "description": None,
        "status": "todo",
        "status_category": "unstarted",
        "priority": "none",
        "assignee_ids": [],
        "label_ids": [],
        "start_on": None,
        "due_on": None,
        "due_at": None,
        "estimate": None,
        "parent_id": None,
        "created_at": "2026-01-01T00:00:00Z",
        "created_by": None,
        "completed_at": None,
        "fields": {},
        "milestone_id": None,
        "cycle_id": None,
        "recurrence": None,
        "mentions": [],
    }
    return json.dumps({**line, **more}, separators=(",", ":"))


def lines(*said: str) -> bytes:
    return "\n".join([HEAD, *said, END, ""]).encode()


def packed(*members: tuple[str | zipfile.ZipInfo, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        for name, content in members:
            archive.writestr(name, content, how)
    return file.getvalue()


def attachment(of: str, name: str) -> str:
    line = {"type": "attachment", "id": of, "task_id": "", "name": name, "created_by": None}
    return json.dumps({**line, "created_at": "2026-01-01T00:00:00Z"}, separators=(",", ":"))


def with_a_password() -> bytes:
    content = bytearray(packed(("WEB.ndjson", lines(task()))))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def with_a_lying_directory() -> bytes:
    content = bytearray(packed(("WEB.ndjson", lines(task()))))
    end = content.rindex(b"PK\x05\x06")
    content[end + 12 : end + 16] = (2**31).to_bytes(4, "little")
    return bytes(content)


def leading_out() -> bytes:
    link = zipfile.ZipInfo("files/b/link")
    link.external_attr = 0o120777 << 16
    said = lines(task(), attachment("a", "../../etc/passwd"), attachment("b", "link"))
    return packed(("WEB.ndjson", said), ("files/a/../../etc/passwd", b"harmless"), (link, b"/etc/passwd"))


@cache
def bomb_of_files() -> bytes:
    return packed(("WEB.ndjson", lines(task(), attachment("a", "big"))), ("files/a/big", bytes(60 * MEGABYTE)))


UNREADABLE = frozenset({"unreadable_file"})
HOSTILE: Final = (
    Hostile("a ZIP as a table", "csv", bomb_of_files, UNREADABLE),
    Hostile("a line of 10 MB", "csv", lambda: b"title,notes\nA," + b"x" * 10 * MEGABYTE + b"\nB,\n", UNREADABLE),
    Hostile("NUL bytes", "csv", lambda: b"title,status\nA\0B,todo\n\0\0,\nC,todo\n", frozenset({"unreadable"}), 1),
    Hostile(
        "a quote that never closes",
        "csv",
        lambda: b'title,notes\nA,"' + (b",y" * 5000 + b"\n") * 100,
        frozenset({"cell_too_long"}),
    ),
    Hostile(
        "10,000 columns", "csv", lambda: b"title," + b",".join(b"c%d" % n for n in range(10_000)) + b"\nA\n", UNREADABLE
    ),
    Hostile("the mark of UTF-16 before UTF-8", "csv", lambda: b"\xff\xfetitle,status\nA,todo\n", UNREADABLE),
    Hostile(
        "the mark of UTF-8 before CP1252", "csv", lambda: b"\xef\xbb\xbftitle\nCaf\xe9\n", frozenset({"unreadable"})
    ),
    Hostile("commas alone", "csv", lambda: b"title\n" + b"," * MEGABYTE + b"\n", frozenset()),
    Hostile("zeros alone", "csv", lambda: bytes(MEGABYTE), UNREADABLE),
    Hostile("zeros without end", "ndjson", lambda: packed(("WEB.ndjson", bytes(60 * MEGABYTE))), UNREADABLE),
    Hostile(
        "another way of packing",
        "ndjson",
        lambda: packed(("WEB.ndjson", lines(task())), how=zipfile.ZIP_BZIP2),
        UNREADABLE,
    ),
    Hostile("a password", "ndjson", with_a_password, UNREADABLE),
    Hostile("a directory of gigabytes", "ndjson", with_a_lying_directory, UNREADABLE),
    Hostile("names that lead out", "ndjson", leading_out, frozenset(), 1),
    Hostile("a file that is too large, packed", "ndjson", bomb_of_files, frozenset({"file_too_large"}), 1),
    Hostile(
        "a line of 20 MB", "ndjson", lambda: lines(task("x" * 20 * MEGABYTE), task()), frozenset({"unreadable_line"}), 1
    ),
    Hostile(
        "depth",
        "ndjson",
        lambda: lines(task(fields="[" * 100_000), "[" * 100_000, task()),
        frozenset({"unreadable_line"}),
        1,
    ),
    Hostile(
        "depth in a value",
        "ndjson",
        lambda: lines(task().replace('"fields":{}', '"fields":' + '{"a":' * 5000 + "1" + "}" * 5000), task()),
        frozenset({"unreadable_line"}),
        1,
    ),
    Hostile("NUL in a title", "ndjson", lambda: lines(task("A\0B"), task()), frozenset({"not_writable"}), 1),
    Hostile(
        "noise",
        "ndjson",
        lambda: lines(task()) + random.Random(1).randbytes(MEGABYTE),
        frozenset({"unreadable_line"}),
        1,
    ),
    Hostile("depth", "jira", lambda: b'{"issues":[' + b'{"a":' * 100_000, frozenset({"damaged"})),
    Hostile(
        "a value of 20 MB",
        "trello",
        lambda: b'{"lists":[],"cards":[{"id":"1","name":"' + b"x" * 20 * MEGABYTE,
        frozenset({"damaged"}),
    ),
)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda one: f"{one.format}: {one.name}")
async def test_it_ends_as_a_problem_that_says_what_is_wrong(
    hostile: Hostile, owner: httpx.AsyncClient, bring: Importer
) -> None:
    done = await bring(hostile.content(), format=hostile.format)
    told = [done["error"]] if done["error"] else done["problems"]
    codes = frozenset(one["code"] for one in told)
    assert (codes, done["created"]) == (hostile.codes, hostile.created), done["problems"][:3]
    assert done["state"] == ("failed" if done["error"] else "done")
    assert all(one["detail"] for one in done["problems"])


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda one: f"{one.format}: {one.name}")
def test_it_is_read_in_bounded_memory(hostile: Hostile, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(hostile.content())
    reader = FORMATS[ImportFormat(hostile.format)]
    tracemalloc.start()
    try:
        with path.open("rb") as file, suppress(NotThatFormat):
            for _ in reader(file, Reading(None, {"timezone": "UTC"})):
                pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 96 * MEGABYTE


@pytest.mark.parametrize("name", ["jira", "ndjson"])
def test_nothing_of_others_is_ended_while_depth_is_read(name: str, tmp_path: Path) -> None:
    """Down there what ends a generator or a connection finds no room to be called."""
    path = tmp_path / "file"
    path.write_bytes(b'{"issues":[' + b'{"a":' * 100_000 if name == "jira" else lines('{"a":' * 5000))
    collected_in: set[str] = set()

    def watch(_: str, __: dict[str, int]) -> None:
        collected_in.update(frame.f_code.co_name for frame, _ in traceback.walk_stack(sys._getframe(1)))

    before = gc.get_threshold()
    gc.callbacks.append(watch)
    gc.set_threshold(1)
    try:
        with path.open("rb") as file, suppress(NotThatFormat):
            list(FORMATS[ImportFormat(name)](file, Reading(None, {"timezone": "UTC"})))
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(watch)
    assert test_nothing_of_others_is_ended_while_depth_is_read.__name__ in collected_in
    assert json.JSONDecoder.raw_decode.__name__ not in collected_in
    assert gc.isenabled()
