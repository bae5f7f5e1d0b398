"""What a record has beside its fields: comments, links, checklists, time, and a past with times of its own."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, BinaryIO

import httpx
import pytest

from taskapi.imports.formats import ImportFormat
from taskapi.imports.records import (
    ImportedChange,
    ImportedComment,
    ImportedItem,
    ImportedLink,
    ImportedPerson,
    ImportedTask,
    ImportedTime,
    Reading,
    Record,
)
from taskapi.imports.runs import service as runs
from taskapi.models import ProjectRole
from tests.imports.conftest import Importer
from tests.imports.readers.reading import SAMPLES
from tests.imports.test_imports import tasks
from tests.proof.tables import TOLD, differences
from tests.support.change_log import Fold
from tests.support.factory import Factory, MadeProject

ANA = ImportedPerson("ana", "ana@example.com")
JANE = ImportedPerson("Jane Doe")


def day(number: int) -> datetime:
    return datetime(2014, 1, number, 12, tzinfo=UTC)


FIRST = ImportedTask(
    line=1,
    external_id="OLD-1",
    title="First",
    status="Closed",
    category="done",
    assignees=[ANA],
    created_at=day(1),
    created_by=JANE,
    completed_at=day(9),
    comments=[ImportedComment("c1", ANA, day(2), "Mine"), ImportedComment(None, JANE, day(3), "Hers")],
    links=[ImportedLink("blocks", "OLD-2"), ImportedLink("relates_to", "OLD-9")],
    checklist=[ImportedItem("One", is_done=True), ImportedItem("Two")],
    time=[ImportedTime(ANA, day(4), day(5), "Work"), ImportedTime(JANE, day(5), day(6))],
    history=[
        ImportedChange(day(2), ANA, {"status": ["Open", "In progress"], "assignees": [None, ANA]}),
        ImportedChange(day(3), JANE, {"title": ["Frist", "First"], "votes": ["1", "2"]}),
        ImportedChange(day(4), ANA, {"status": ["In progress", "Closed"]}),
        ImportedChange(day(5), JANE, {"status": ["Closed", "Open"]}),
        ImportedChange(day(8), ANA, {"status": ["Open", "Closed"]}),
    ],
)
SECOND = ImportedTask(line=2, external_id="OLD-2", title="Second", due_on=date(2014, 2, 1), completed_at=day(7))


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> list[Record]:
    """What the file has, whatever is sent."""
    found: list[Record] = [FIRST, SECOND]

    def read(_: BinaryIO, __: Reading) -> Iterator[Record]:
        yield from found

    monkeypatch.setattr(runs, "FORMATS", {ImportFormat.CSV: read})
    return found


@pytest.fixture
async def ana(web: MadeProject, make: Factory) -> str:
    return str((await make.member(web, ProjectRole.EDITOR, await make.user("ana"))).id)


@pytest.mark.usefixtures("records")
async def test_the_past_of_a_task_stands_in_the_log_with_its_own_times(
    ana: str, web: MadeProject, owner: httpx.AsyncClient, bring: Importer, tables: Any
) -> None:
    done = await bring("anything")
    assert (done["created"], [one["code"] for one in done["problems"]]) == (2, ["unknown_link"]), done
    history = (await owner.get("/api/v1/tasks/WEB-1/history?limit=50")).json()["items"]
    told = [
        (one["kind"], one["at"][:10], one["actor_id"]) for one in reversed(history) if one["kind"].startswith("task.")
    ]
    assert told == [
        ("task.created", "2014-01-01", None),
        ("task.updated", "2014-01-02", ana),
        ("task.updated", "2014-01-03", None),
        ("task.completed", "2014-01-04", ana),
        ("task.reopened", "2014-01-05", None),
        ("task.completed", "2014-01-08", ana),
    ]
    assert await tables.fetchval("SELECT array_agg(DISTINCT actor_kind) FROM events WHERE kind ~ '^task'") == ["import"]
    task = (await owner.get("/api/v1/tasks/WEB-1")).json()
    assert (task["created_at"][:10], task["completed_at"][:10], task["version"]) == ("2014-01-01", "2014-01-08", 6)
    assert task["fields"] == {"imported_creator": "Jane Doe"}
    then = (await owner.get("/api/v1/tasks/WEB-1?at=2014-01-02T18:00:00Z")).json()
    assert (then["title"], then["status"], then["assignee_ids"]) == ("Frist", "in_progress", [ana])
    second = (await owner.get("/api/v1/tasks/WEB-2")).json()
    assert (second["status"], second["completed_at"][:10]) == ("done", "2014-01-07")
    assert await differences(Fold(), tables, await tables.fetchval("SELECT now()"), TOLD) == []


@pytest.mark.usefixtures("records")
async def test_what_hangs_on_a_task_comes_along_once(ana: str, owner: httpx.AsyncClient, bring: Importer) -> None:
    await bring("anything")

    async def hanging() -> list[list[Any]]:
        paths = ("comments?sort=created_at", "checklist", "links", "time-entries")
        return [(await owner.get(f"/api/v1/tasks/WEB-1/{path}")).json()["items"] for path in paths]

    comments, checklist, links, entries = await hanging()
    assert [(one["body"], one["created_at"][:10]) for one in comments] == [
        ("Mine", "2014-01-02"),
        ("*Jane Doe, 2014-01-03 12:00Z:*\n\nHers", "2014-01-03"),
        ("Jane Doe worked 24 h on this, from 2014-01-05 12:00Z.", "2014-01-05"),
    ]
    assert [(one["text"], one["done"]) for one in checklist] == [("One", True), ("Two", False)]
    assert [(one["type"], one["task"]["key"]) for one in links] == [("blocks", "WEB-2")]
    assert [(one["user_id"], one["seconds"], one["note"]) for one in entries] == [(ana, 86400, "Work")]


async def test_a_changed_record_adds_what_hangs_on_it_and_takes_nothing_away(
    ana: str, records: list[Record], owner: httpx.AsyncClient, bring: Importer
) -> None:
    assert ana
    await bring("anything")
    again = ImportedComment("c2", ANA, day(4), "More")
    records[0] = ImportedTask(
        line=1,
        external_id="OLD-1",
        title="Renamed",
        comments=[again, *FIRST.comments[:1]],
        checklist=[ImportedItem("two"), ImportedItem("Three")],
    )
    done = await bring("anything else")
    assert (done["updated"], done["skipped"]) == (1, 1)
    task = (await owner.get("/api/v1/tasks/WEB-1")).json()
    assert (task["title"], task["status"]) == ("Renamed", "closed")
    bodies = [one["body"] for one in (await owner.get("/api/v1/tasks/WEB-1/comments")).json()["items"]]
    assert sorted(body for body in bodies if len(body) < 5) == ["Mine", "More"]
    items = (await owner.get("/api/v1/tasks/WEB-1/checklist")).json()["items"]
    assert [one["text"] for one in items] == ["One", "Two", "Three"]
    assert len(await tasks(owner)) == 2


async def test_the_day_of_a_past_change_has_it(owner: httpx.AsyncClient, bring: Importer) -> None:
    """As a day of one's own work has it."""
    await bring((SAMPLES / "jira-issues.ndjson").read_bytes(), format="jira")

    async def day(of: str, path: str = "projects/WEB/analytics") -> dict[str, tuple[int, bool]]:
        answer = await owner.get(f"/api/v1/{path}/daily?date={of}&tz=UTC")
        assert answer.status_code == 200, answer.text
        return {one["task"]["title"]: (one["changes"], one["completed"]) for one in answer.json()["items"]}

    # Made on the first, said something on the second, begun and assigned in one change on the third.
    assert await day("2013-01-01") == {"Rename the module": (1, False), "Rename the tests": (1, False)}
    assert (await day("2013-01-02"))["Rename the module"] == (1, False)
    assert (await day("2013-01-03"))["Rename the module"] == (1, False)
    assert (await day("2013-01-09"))["Rename the module"][1] is True
    assert await day("2013-01-05") == {}
