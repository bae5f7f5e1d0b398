"""Export, import into an empty project, export: the same, but for ids and times of the import."""

import asyncio
import io
import itertools
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from taskapi.models import ProjectRole
from tests.exports.filled import API, Filled, fill
from tests.imports.conftest import form, run_import
from tests.imports.ndjson.canonical import canonical
from tests.imports.readers.reading import SAMPLES
from tests.support.factory import Factory

Answer = dict[str, Any]
# No shrinking: each example is two projects, and minutes would pass until a failure is told.
_FEW = settings(
    max_examples=3,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


async def brought(
    make: Factory,
    client: httpx.AsyncClient,
    key: str,
    content: bytes,
    *,
    limits: Mapping[str, int] | None = None,
    **said: Any,
) -> Answer:
    begun = await client.post(f"{API}/projects/{key}/imports", **form(content, format="ndjson", **said))
    assert begun.status_code == 202, begun.text
    await run_import(make.app, begun.json()["id"], **(limits or {}))
    read: Answer = (await client.get(begun.headers["location"])).json()
    return read


async def exported(client: httpx.AsyncClient, key: str, format_: str = "ndjson") -> httpx.Response:
    answer = await client.get(f"{API}/projects/{key}/export", params={"format": format_})
    assert answer.status_code == 200, answer.text
    return answer


@pytest.fixture
async def filled(make: Factory) -> Filled:
    """And beside it an empty project with the same people."""
    filled = await fill(make)
    project = await make.project(filled.project.owner, "COPY")
    await make.member(project, ProjectRole.EDITOR, filled.editor)
    return filled


@pytest.mark.parametrize("format_", ["ndjson", "zip"])
async def test_what_comes_out_goes_in_and_comes_out_the_same(format_: str, filled: Filled, make: Factory) -> None:
    first = await exported(filled.owner, "WEB", format_)
    done = await brought(make, filled.owner, "COPY", first.content)
    assert (done["state"], done["created"], done["problems"]) == ("done", 3, [])
    whole = canonical((await exported(filled.owner, "WEB")).text)
    assert canonical((await exported(filled.owner, "COPY")).text) == whole
    assert {json.loads(line)["type"] for line in whole} >= {"task", "comment", "reaction", "watcher", "link", "change"}


_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000 1f15c4890000000d49444154789c6360606060000000"
    "0500017a5eab3f0000000049454e44ae426082".replace(" ", "")
)


async def attached(client: httpx.AsyncClient, task: str, *files: tuple[str, bytes]) -> None:
    parts = [("file", (name, content, "application/octet-stream")) for name, content in files]
    answer = await client.post(f"{API}/tasks/{task}/attachments", files=parts)
    assert answer.status_code == 201, answer.text


def lines_of(archive: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return opened.read(opened.namelist()[0]).decode()


async def contents(client: httpx.AsyncClient, key: str) -> dict[str, bytes]:
    """Of all files of a project, as its archive has them."""
    with zipfile.ZipFile(io.BytesIO((await exported(client, key, "zip")).content)) as archive:
        return {name.rpartition("/")[2]: archive.read(name) for name in archive.namelist() if "/" in name}


async def test_an_archive_brings_its_files(filled: Filled, make: Factory) -> None:
    await attached(filled.owner, filled.task, ("Plan ä.txt", b"The plan\n" * 1000), ("dot.png", _PNG))
    await attached(make.client(filled.editor), "WEB-1", ("../../x.html", b"<script>"), ("empty", b""))
    first = await exported(filled.owner, "WEB", "zip")
    done = await brought(make, filled.owner, "COPY", first.content)
    assert (done["state"], done["created"], done["problems"]) == ("done", 3, [])
    whole = canonical((await exported(filled.owner, "WEB")).text)
    assert canonical((await exported(filled.owner, "COPY")).text) == whole
    assert await contents(filled.owner, "COPY") == await contents(filled.owner, "WEB")
    assert len(await contents(filled.owner, "COPY")) == 4
    # Deleted here, the same archive does not bring it again; of a task that says something else it does.
    gone = next(one for one in await files_of(filled.owner, "COPY") if one["name"] == "dot.png")
    assert (await filled.owner.delete(f"{API}/attachments/{gone['id']}")).status_code == 204
    again = await brought(make, filled.owner, "COPY", first.content)
    assert (again["skipped"], again["problems"], len(await contents(filled.owner, "COPY"))) == (3, [], 3)
    await filled.owner.patch(f"{API}/tasks/{filled.task}", json={"title": "Another"})
    changed = await brought(make, filled.owner, "COPY", (await exported(filled.owner, "WEB", "zip")).content)
    assert (changed["updated"], changed["problems"], len(await contents(filled.owner, "COPY"))) == (1, [], 4)


async def files_of(client: httpx.AsyncClient, key: str) -> list[Answer]:
    lines = map(json.loads, (await exported(client, key)).text.splitlines())
    return [line for line in lines if line["type"] == "attachment"]


async def test_what_an_archive_lacks_or_nobody_may_have_is_a_problem(filled: Filled, make: Factory) -> None:
    names = ("kept.txt", "lacking.txt", "large.txt", "broken.txt")
    await attached(filled.owner, filled.task, *((name, name.encode() * 50) for name in names))
    first = (await exported(filled.owner, "WEB", "zip")).content
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(first)) as source, zipfile.ZipFile(packed, "w") as target:
        for member in source.infolist():
            content = source.read(member)
            if "large" in member.filename:
                content *= 10
            if "lacking" not in member.filename:
                target.writestr(member.filename, content)
    content = packed.getvalue().replace(b"broken.txtbroken", b"broken.txtbrokeN")
    limits = {"file_max_bytes": 1000}
    for said in ({"dry_run": "true"}, {}):
        done = await brought(make, filled.owner, "COPY", content, limits=limits, **said)
        told = {one["detail"].split("“")[1].split("”")[0]: one["code"] for one in done["problems"]}
        expected = {"lacking.txt": "file_missing", "large.txt": "file_too_large", "broken.txt": "file_damaged"}
        if said:
            del expected["broken.txt"]  # known when it is unpacked
        assert (done["state"], done["created"], told) == ("done", 3, expected)
        assert len(await files_of(filled.owner, "COPY")) == (0 if said else 1)


@pytest.mark.parametrize("bound", ["files_per_task", "file_bytes_per_project", "file_bytes_per_user"])
async def test_files_for_which_there_is_no_room_are_problems_and_the_tasks_come(
    bound: str, filled: Filled, make: Factory
) -> None:
    await attached(filled.owner, filled.task, ("one", b"1" * 100), ("two", b"2" * 100))
    first = (await exported(filled.owner, "WEB", "zip")).content
    most = {"files_per_task": 1, "file_bytes_per_project": 150, "file_bytes_per_user": 350}
    done = await brought(make, filled.owner, "COPY", first, limits={bound: most[bound]})
    codes = {"files_per_task": "task_files_full", "file_bytes_per_project": "project_files_full"}
    assert [one["code"] for one in done["problems"]] == [codes.get(bound, "user_files_full")]
    assert (done["created"], len(await files_of(filled.owner, "COPY"))) == (3, 1)


async def test_lines_alone_say_that_files_are_not_with_them(filled: Filled, make: Factory) -> None:
    await attached(filled.owner, filled.task, ("one", b"1"), ("two", b"2"))
    done = await brought(make, filled.owner, "COPY", (await exported(filled.owner, "WEB")).content)
    assert [one["code"] for one in done["problems"]] == ["files_left_out"]
    assert (done["created"], done["failed"], done["total"]) == (3, 0, 3)


async def test_the_total_counts_what_would_be_tasks_alone(filled: Filled, make: Factory) -> None:
    lines = (await exported(filled.owner, "WEB")).content.splitlines(keepends=True)
    broken = [line[:-10] + b"\n" if b'"type":"label"' in line or b'"title":"Done long ago"' in line else line
              for line in lines]  # fmt: skip
    done = await brought(make, filled.owner, "COPY", b"".join(broken))
    assert (done["created"], done["failed"], done["total"]) == (2, 1, 3)
    assert {one["code"] for one in done["problems"]} >= {"unreadable_line"}


async def test_the_same_file_again_changes_nothing(filled: Filled, make: Factory) -> None:
    first = await exported(filled.owner, "WEB")
    await brought(make, filled.owner, "COPY", first.content)
    before = canonical((await exported(filled.owner, "COPY")).text)
    again = await brought(make, filled.owner, "COPY", first.content)
    assert (again["created"], again["updated"], again["skipped"], again["problems"]) == (0, 0, 3, [])
    assert canonical((await exported(filled.owner, "COPY")).text) == before


async def test_a_trial_makes_nothing(filled: Filled, make: Factory) -> None:
    first = await exported(filled.owner, "WEB")
    before = canonical((await exported(filled.owner, "COPY")).text)
    done = await brought(make, filled.owner, "COPY", first.content, dry_run="true")
    assert (done["state"], done["created"], done["problems"]) == ("done", 3, [])
    assert canonical((await exported(filled.owner, "COPY")).text) == before


async def test_a_file_that_broke_off_says_so_and_keeps_what_was_there(filled: Filled, make: Factory) -> None:
    lines = (await exported(filled.owner, "WEB")).content.splitlines(keepends=True)
    end = next(n for n, line in enumerate(lines) if b'"type":"task"' in line) + 1
    done = await brought(make, filled.owner, "COPY", b"".join(lines[:end]) + b'{"type":"task","id"')
    assert (done["state"], done["created"]) == ("done", 1)
    assert [problem["code"] for problem in done["problems"]] == ["unreadable_line", "file_broke_off"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"nothing",
        b'{"type":"task"}',
        b'{"type":"project"}',
        b'{"type":"project","format":"taskapi","format_version":2}',
        b"PK\x03\x04 broken",
    ],
)
async def test_what_is_no_export_is_refused(content: bytes, filled: Filled, make: Factory) -> None:
    done = await brought(make, filled.owner, "COPY", content or b"\n")
    assert (done["state"], done["error"]["code"]) == ("failed", "unreadable_file")


async def there_and_back(make: Factory, client: httpx.AsyncClient, content: bytes) -> tuple[list[str], list[str]]:
    """An issue tracker's file as two exports have it: of the project that it came into, and of that one's copy."""
    begun = await client.post(
        f"{API}/projects/WEB/imports", **form(content, format="jira", options={"unknown": "fields"})
    )
    await run_import(make.app, begun.json()["id"])
    first = await exported(client, "WEB", "zip")
    done = await brought(make, client, "COPY", first.content)
    assert (done["state"], done["failed"], done["problems"]) == ("done", 0, [])
    return canonical(lines_of(first.content)), canonical((await exported(client, "COPY")).text)


async def test_what_an_issue_tracker_told_goes_on_with_its_past(make: Factory) -> None:
    owner = await make.user("mira")
    for key in ("WEB", "COPY"):
        await make.project(owner, key)
    client = make.client(owner)
    before, after = await there_and_back(make, client, (SAMPLES / "jira-issues.ndjson").read_bytes())
    assert after == before
    assert sum('"type": "change"' in line for line in before) == 2


_words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=15)
_titles = st.lists(_words, min_size=1, max_size=3).map(" ".join)
_days = st.dates().map(lambda day: day.replace(year=2026 + day.year % 3).isoformat() if day.day < 29 else "2026-05-05")
_patches = st.fixed_dictionaries(
    {},
    optional={
        "title": _titles,
        "description": st.none() | _titles,
        "priority": st.sampled_from(["none", "low", "medium", "high", "urgent"]),
        "due_on": st.none() | _days,
        "estimate": st.none() | st.integers(0, 1000) | st.floats(0, 1000).map(lambda number: round(number, 2)),
        "status": st.sampled_from(["backlog", "todo", "in_progress", "done", "cancelled"]),
    },
)
_histories = st.tuples(
    *(_titles, st.lists(_patches, max_size=4), st.lists(_titles, max_size=2), st.lists(_titles, max_size=2)),
    st.lists(st.tuples(_words, st.binary(max_size=300)), max_size=2),
)
_Told = list[tuple[str, list[Answer], list[str], list[str], list[tuple[str, bytes]]]]


async def test_generated_projects_come_out_as_they_went_in(make: Factory) -> None:
    owner = await make.user("olga")
    client, numbers, loop = make.client(owner), itertools.count(1), asyncio.get_running_loop()

    async def check(histories: _Told) -> None:
        number = next(numbers)
        here, there = await make.project(owner, f"HERE{number}"), await make.project(owner, f"THERE{number}")
        for title, patches, comments, items, files in histories:
            task = (await client.post(here.tasks_path, json={"title": title})).json()
            path = f"{API}/tasks/{task['key']}"
            for below, name, texts in (("comments", "body", comments), ("checklist", "text", items)):
                for text in texts:
                    await client.post(f"{path}/{below}", json={name: text})
            for patch in patches:
                await client.patch(path, json=patch)
            if files:
                await attached(client, task["key"], *files)
        first = (await exported(client, here.key, "zip")).content
        done = await brought(make, client, there.key, first)
        assert (done["created"], done["problems"]) == (len(histories), [])
        second = (await exported(client, there.key, "zip")).content
        assert canonical(lines_of(second)) == canonical(lines_of(first))

    @_FEW
    @given(st.lists(_histories, min_size=1, max_size=5))
    def holds(histories: _Told) -> None:
        asyncio.run_coroutine_threadsafe(check(histories), loop).result()

    await asyncio.to_thread(holds)
