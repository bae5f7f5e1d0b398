"""Export, import into an empty project, export: the same, but for ids and times of the import."""

import asyncio
import itertools
import json
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from taskapi.imports.runs import service as runs
from taskapi.models import ProjectRole
from tests.exports.filled import API, Filled, fill
from tests.imports.conftest import form
from tests.imports.ndjson.canonical import canonical
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


async def brought(make: Factory, client: httpx.AsyncClient, key: str, content: bytes, **said: Any) -> Answer:
    begun = await client.post(f"{API}/projects/{key}/imports", **form(content, format="ndjson", **said))
    assert begun.status_code == 202, begun.text
    parts = make.app.state.parts
    await runs.run(parts.database, parts.storage, UUID(begun.json()["id"]))
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
    _titles, st.lists(_patches, max_size=4), st.lists(_titles, max_size=2), st.lists(_titles, max_size=2)
)


async def test_generated_projects_come_out_as_they_went_in(make: Factory) -> None:
    owner = await make.user("olga")
    client, numbers, loop = make.client(owner), itertools.count(1), asyncio.get_running_loop()

    async def check(histories: list[tuple[str, list[Answer], list[str], list[str]]]) -> None:
        number = next(numbers)
        here, there = await make.project(owner, f"HERE{number}"), await make.project(owner, f"THERE{number}")
        for title, patches, comments, items in histories:
            task = (await client.post(here.tasks_path, json={"title": title})).json()
            path = f"{API}/tasks/{task['key']}"
            for below, name, texts in (("comments", "body", comments), ("checklist", "text", items)):
                for text in texts:
                    await client.post(f"{path}/{below}", json={name: text})
            for patch in patches:
                await client.patch(path, json=patch)
        first = await exported(client, here.key)
        done = await brought(make, client, there.key, first.content)
        assert (done["created"], done["problems"]) == (len(histories), [])
        assert canonical((await exported(client, there.key)).text) == canonical(first.text)

    @_FEW
    @given(st.lists(_histories, min_size=1, max_size=5))
    def holds(histories: list[tuple[str, list[Answer], list[str], list[str]]]) -> None:
        asyncio.run_coroutine_threadsafe(check(histories), loop).result()

    await asyncio.to_thread(holds)
