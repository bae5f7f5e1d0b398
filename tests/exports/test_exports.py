"""Projects, taken out: what is in the files, and who gets them."""

import csv
import io
import json
import zipfile
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from taskapi.core.fair_queue import FairQueue
from taskapi.core.storage.storage import Storage
from taskapi.exports import service
from taskapi.exports.schemas import ExportFormat
from taskapi.exports.sheets.cells import original
from taskapi.exports.spool import Spool
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.exports.filled import API, NASTY, Filled, fill
from tests.support.answers import problem
from tests.support.api_tokens import api_token, carrying
from tests.support.factory import Factory, MadeProject

Line = dict[str, Any]


@pytest.fixture
async def filled(make: Factory) -> Filled:
    return await fill(make)


async def taken(client: httpx.AsyncClient, path: str, format_: str) -> httpx.Response:
    answer = await client.get(path, params={"format": format_})
    assert answer.status_code == 200, answer.text
    return answer


async def lines_of(filled: Filled) -> list[Line]:
    return [json.loads(line) for line in (await taken(filled.owner, filled.export, "ndjson")).text.splitlines()]


def of_type(lines: list[Line], kind: str) -> list[Line]:
    return [line for line in lines if line["type"] == kind]


async def test_lines_begin_with_the_project_and_end_with_how_many_there_are(filled: Filled) -> None:
    lines = await lines_of(filled)
    assert (lines[0]["type"], lines[0]["key"], lines[0]["format"]) == ("project", "WEB", "taskapi")
    end = lines[-1]
    assert (end["type"], end["lines"]) == ("end", len(lines))
    assert end["counts"] == {kind: len(of_type(lines, kind)) for kind in {line["type"] for line in lines[:-1]}}
    assert {"role", "is_favourite"}.isdisjoint(lines[0])


async def test_lines_show_tasks_as_the_api_does_and_leave_those_in_the_trash(filled: Filled) -> None:
    tasks = of_type(await lines_of(filled), "task")
    listed = (await filled.owner.get(f"{API}/projects/WEB/tasks")).json()["items"]
    assert sorted(tasks, key=lambda task: task["number"]) == sorted(
        ({"type": "task", **task} for task in listed), key=lambda task: task["number"]
    )
    assert len(tasks) == 3


async def test_what_hangs_on_a_task_follows_it(filled: Filled) -> None:
    lines = await lines_of(filled)
    task = next(line for line in of_type(lines, "task") if line["key"] == filled.task)
    after = lines[lines.index(task) + 1 :]
    hanging = [line["type"] for line in after[: next(n for n, line in enumerate(after) if line["type"] == "task")]]
    assert hanging == [
        *("checklist_item", "checklist_item", "comment", "reaction", "time_entry", "watcher", "watcher", "link"),
        *("change", "change"),
    ]


async def test_each_id_that_a_line_names_has_had_its_line(filled: Filled) -> None:
    """But for the project, which is first, and for links and parents: they may be of a task that comes later."""
    known: set[str] = set()
    lines = await lines_of(filled)
    for line in lines[1:]:
        named = [line.get("created_by"), line.get("user_id"), line.get("actor_id"), line.get("milestone_id")]
        named += [line.get("cycle_id"), line.get("comment_id"), line.get("task_id"), *line.get("label_ids", [])]
        named += [*line.get("assignee_ids", []), *line.get("mentions", [])]
        assert {name for name in named if name} <= known, line
        known.add(line.get("id", ""))
    assert {person["username"] for person in of_type(lines, "person")} == {"olga", "ed"}


async def test_addresses_and_security_events_stay_behind(filled: Filled) -> None:
    await filled.owner.post(f"{API}/projects/WEB/share-links", json={"label": "canary"})
    text = (await taken(filled.owner, filled.export, "ndjson")).text
    assert "@example.com" not in text
    assert "canary" not in text
    assert "export.made" not in text


async def test_who_has_left_is_named_as_long_as_something_names_them(filled: Filled) -> None:
    await filled.owner.delete(f"{API}/projects/WEB/members/{filled.editor.id}")
    lines = await lines_of(filled)
    gone = next(line for line in of_type(lines, "person") if line["username"] == "ed")
    assert gone == {"type": "person", "id": str(filled.editor.id), "username": "ed", "full_name": "Ed Itor"}
    comment = of_type(lines, "comment")[0]
    assert lines.index(gone) < lines.index(comment)


async def test_the_history_is_told_once_and_by_what_it_is_about(filled: Filled) -> None:
    changes = of_type(await lines_of(filled), "change")
    history = (await filled.owner.get(f"{API}/projects/WEB/history", params={"limit": 200})).json()["items"]
    told = {change["id"] for change in history if not change["kind"].startswith("export.")}
    assert len(changes) == len(told)
    assert {change["id"] for change in changes} == told


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_a_table_has_a_row_for_each_task_with_names_for_ids(filled: Filled) -> None:
    answer = await taken(filled.owner, filled.export, "csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = rows_of(answer)
    assert [row["key"] for row in rows] == ["WEB-1", "WEB-2", "WEB-3"]
    row = rows[1]
    assert row["title"] == "Näxt; 🚀 “quotes” \"and\" 'these'"
    assert row["description"].startswith("# Why\n\nBecause")
    chosen = {name: row[name] for name in ("status", "priority", "assignee", "start", "estimate", "parent")}
    assert chosen == {
        "status": "In progress",
        "priority": "urgent",
        "assignee": "ed, olga",
        "start": "2026-11-20",
        "estimate": "2.5",
        "parent": "WEB-1",
    }
    assert row["labels"] == 'bug, "a, b", =danger'
    assert row["due"] == "2026-12-01T08:30:00.000000Z"
    assert (row["milestone"], row["cycle"], row["created_by"]) == ("Launch", "Sprint 9", "olga")
    fields = {name: row[name] for name in ("Cost", "Reviewer", "Title (size)", "Places", "Is OK")}
    assert fields == {
        "Cost": "-7.5",
        "Reviewer": "ed",
        "Title (size)": "Large",
        "Places": "Small, Large",
        "Is OK": "true",
    }
    assert rows[2]["due"] == "2026-11-10"


async def test_no_cell_is_a_formula_and_each_can_be_read_back(owner: httpx.AsyncClient, web: MadeProject) -> None:
    titles = [NASTY, "+1", "-1", "@SUM(A1)", "'quoted", "''twice", "'=1", "\u2212 minus", "plain", "a=b", "'"]
    for title in titles:
        await owner.post(web.tasks_path, json={"title": title})
    rows = rows_of(await taken(owner, f"{API}/projects/WEB/export", "csv"))
    assert [original(row["title"]) for row in rows] == titles
    assert not [row["title"] for row in rows if row["title"][0] in "=+-@\t\r"]


async def test_a_calendar_has_a_to_do_for_each_task(filled: Filled) -> None:
    calendar = Calendar.from_ical((await taken(filled.owner, filled.export, "ics")).content)
    todos: dict[str, Any] = {str(todo["summary"]): todo for todo in calendar.walk("VTODO")}
    assert len(todos) == 3
    todo = todos["Näxt; 🚀 “quotes” \"and\" 'these'"]
    assert (todo["status"], todo["priority"], todo["percent-complete"]) == ("IN-PROCESS", 1, 50)
    assert todo["rrule"].to_ical() == b"FREQ=WEEKLY;BYDAY=TU"
    assert todo["related-to"] == todos[NASTY]["uid"]
    assert todo["related-to"].params["RELTYPE"] == "PARENT"
    assert sorted(todo["categories"].cats) == ["=danger", "a, b", "bug"]
    assert [alarm["trigger"].to_ical() for alarm in todo.walk("VALARM")] == [b"-PT30M"]
    assert str(todo["description"]).startswith("# Why\n\nBecause @ed said so, and `x` \\ y.")
    done = todos["Done long ago"]
    assert (done["status"], done["percent-complete"], done["due"].to_ical()) == ("COMPLETED", 100, b"20261110")


async def test_an_archive_has_the_lines(filled: Filled) -> None:
    archive = zipfile.ZipFile(io.BytesIO((await taken(filled.owner, filled.export, "zip")).content))
    assert archive.testzip() is None
    lines = [json.loads(line) for line in archive.read("WEB.ndjson").splitlines()]
    assert lines[1:] == (await lines_of(filled))[1:]


async def test_an_archive_has_the_bytes_of_files(filled: Filled, own_storage: Storage) -> None:
    contents = {"a.txt": b"text " * 1000, "\u00e4 b.bin": bytes(range(256)) * 4000, "empty": b""}
    for name, content in contents.items():
        answer = await filled.owner.post(f"{API}/tasks/{filled.task}/attachments", files={"file": (name, content)})
        assert answer.status_code == 201, answer.text
    lost = await filled.owner.post(f"{API}/tasks/{filled.task}/attachments", files={"file": ("lost", b"lost")})
    stored = [one.key async for one in own_storage.list("attachments/") if one.size == 4]
    await own_storage.delete(stored)
    archive = zipfile.ZipFile(io.BytesIO((await taken(filled.owner, filled.export, "zip")).content))
    assert archive.testzip() is None
    told = of_type([json.loads(line) for line in archive.read("WEB.ndjson").splitlines()], "attachment")
    assert {line["name"] for line in told} == {*contents, "lost"}
    found = {line["name"]: f"files/{line['id']}/{line['name']}" for line in told}
    assert {name: archive.read(found[name]) for name in contents} == contents
    assert found["lost"] not in archive.namelist(), lost.text


@pytest.mark.parametrize("format_", ["csv", "ndjson", "zip", "ics"])
async def test_files_have_names_and_stay_in_no_cache(format_: str, owner: httpx.AsyncClient, web: MadeProject) -> None:
    answer = await taken(owner, f"{API}/projects/{web.id}/export", format_)
    name = answer.headers["content-disposition"]
    assert name.startswith('attachment; filename="WEB-20')
    assert name.endswith(f'.{format_}"')
    assert answer.headers["cache-control"] == "no-store"


async def test_who_took_a_project_out_is_told_to_those_who_manage_members(filled: Filled, make: Factory) -> None:
    viewer = make.client(await make.member(filled.project, ProjectRole.VIEWER))
    await taken(viewer, filled.export, "csv")
    assert (await viewer.head(filled.export, params={"format": "csv"})).status_code == 200  # takes nothing
    history = f"{API}/projects/WEB/history"
    told = (await filled.owner.get(history, params={"kind": "export.made"})).json()["items"]
    assert [change["changes"] for change in told] == [{"format": [None, "csv"]}]
    assert (await viewer.get(history, params={"kind": "export.made"})).json()["items"] == []


async def test_a_head_has_the_headers_of_the_file(owner: httpx.AsyncClient, web: MadeProject) -> None:
    path = f"{API}/projects/WEB/export"
    got, head = await taken(owner, path, "csv"), await owner.head(path, params={"format": "csv"})
    assert head.status_code == 200
    assert head.content == b""
    for name in ("content-type", "content-disposition", "cache-control"):
        assert head.headers[name] == got.headers[name]
    assert (await owner.head(f"{API}/projects/NONE/export", params={"format": "csv"})).status_code == 404


async def test_tokens_need_the_scopes_of_what_they_take(filled: Filled, make: Factory, client_for: ClientFor) -> None:
    async def statuses(*scopes: str) -> list[int]:
        client = carrying(client_for(None), await api_token(make, filled.project.owner, *scopes))
        return [(await client.get(filled.export, params={"format": name})).status_code for name in ExportFormat]

    assert await statuses("tasks:read") == [200, 403, 403, 200]
    assert await statuses("tasks:read", "projects:read", "members:read") == [200] * 4
    assert await statuses("projects:read", "members:read") == [403] * 4


async def test_other_formats_are_refused(owner: httpx.AsyncClient, web: MadeProject) -> None:
    for query in ({"format": "xlsx"}, {}, {"format": "csv", "other": "1"}):
        answer = await owner.get(f"{API}/projects/WEB/export", params=query)
        assert problem(answer) == (422, "validation_error")


async def test_an_archived_project_can_be_taken_out(filled: Filled) -> None:
    await filled.owner.patch(f"{API}/projects/WEB", json={"archived": True})
    assert len(await lines_of(filled)) > 10


async def test_the_file_is_one_moment(live: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What others write while the file is written is not in it."""
    project = await live.project(key="WEB")
    await live.task(project, "Before")
    write, others = Spool.write, ["While"]

    async def write_beside(spool: Spool, chunk: bytes) -> None:
        if others:
            await live.task(project, others.pop())
        await write(spool, chunk)

    monkeypatch.setattr(Spool, "write", write_beside)
    client = live.client(project.owner)
    path = f"{API}/projects/WEB/export"
    # The head of the table is written before the tasks are read.
    assert [row["title"] for row in rows_of(await taken(client, path, "csv"))] == ["Before"]
    assert [row["title"] for row in rows_of(await taken(client, path, "csv"))] == ["Before", "While"]


async def test_who_reads_slowly_keeps_no_connection(live: Factory) -> None:
    project = await live.project(key="WEB")
    parts = live.app.state.parts
    free, places = parts.database.queue.free, parts.exports.free
    begun = await service.export(parts, project.owner.caller, "WEB", ExportFormat.CSV, head=False)
    assert begun.chunks is not None
    first = await anext(begun.chunks)
    rest = b"".join([chunk async for chunk in begun.chunks])
    assert (first + rest).startswith(b"\xef\xbb\xbfkey,")
    assert (parts.database.queue.free, parts.exports.free) == (free, places)


async def test_more_at_once_wait_for_a_place(owner: httpx.AsyncClient, web: MadeProject, make: Factory) -> None:
    parts = make.app.state.parts
    before = parts.exports
    object.__setattr__(parts, "exports", FairQueue(0, 0.01, "Other exports are being written"))
    try:
        answer = await owner.get(f"{API}/projects/WEB/export", params={"format": "csv"})
    finally:
        object.__setattr__(parts, "exports", before)
    assert problem(answer) == (503, "overloaded")
    assert answer.headers["retry-after"]


async def test_a_full_disk_is_said(owner: httpx.AsyncClient, web: MadeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Spool, "write", no_room)
    answer = await owner.get(f"{API}/projects/WEB/export", params={"format": "csv"})
    assert problem(answer) == (507, "storage_full")
