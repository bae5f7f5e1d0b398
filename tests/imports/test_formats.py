"""Files of other products, brought in as their users would: what they tell becomes tasks, with a past that folds."""

import threading
from collections.abc import Iterator
from typing import Any, BinaryIO

import httpx
import pytest

from taskapi.imports.formats import FORMATS, ImportFormat
from taskapi.imports.records import ImportedTask, Reading, Record
from tests.imports.conftest import Importer
from tests.imports.readers.reading import SAMPLES, zipped
from tests.proof.tables import TOLD, differences
from tests.support.change_log import Fold

FILES = {
    "jira": (SAMPLES / "jira-search.json").read_bytes(),
    "todoist": (SAMPLES / "todoist-sync.json").read_bytes(),
    "trello": (SAMPLES / "trello-board.json").read_bytes(),
    "vikunja": zipped({"data.json": (SAMPLES / "vikunja-data.json").read_bytes(), "VERSION": "v2.1.0"}),
}
ALL = {"unknown": "fields"}


async def listed(client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    found = (await client.get("/api/v1/projects/WEB/tasks?limit=200")).json()["items"]
    return {task["title"]: task for task in found}


@pytest.mark.parametrize("form", FILES)
async def test_a_file_comes_in_whole_and_again_without_a_twin(
    form: str, owner: httpx.AsyncClient, bring: Importer, tables: Any
) -> None:
    done = await bring(FILES[form], format=form, options=ALL)
    assert (done["state"], done["failed"], done["error"]) == ("done", 0, None), done
    assert done["created"] == done["total"] == len(await listed(owner))
    assert await differences(Fold(), tables, await tables.fetchval("SELECT now()"), TOLD) == []
    again = await bring(FILES[form], format=form, options=ALL)
    assert (again["created"], again["updated"], again["skipped"]) == (0, 0, done["created"])


async def test_a_card_of_trello_has_its_list_its_past_and_what_was_said(
    owner: httpx.AsyncClient, bring: Importer
) -> None:
    await bring(FILES["trello"], format="trello", options=ALL)
    hall = (await listed(owner))["Book the hall"]
    assert (hall["status"], hall["due_at"], hall["fields"]["price"]) == ("done", "2020-03-01T11:00:00.000000Z", "1200")
    assert hall["completed_at"] == "2020-02-03T10:00:00.000000Z"
    then = (await owner.get(f"/api/v1/tasks/{hall['key']}?at=2020-02-01T10:30:00Z")).json()
    assert (then["status"], then["title"], then["due_at"]) == ("doing", "Book the hall", None)
    said = (await owner.get(f"/api/v1/tasks/{hall['key']}/comments")).json()["items"]
    assert [(each["body"].splitlines()[-1], each["created_at"]) for each in said] == [
        ("They offer **Friday**", "2020-02-02T10:00:00.000000Z")
    ]
    listed_items = (await owner.get(f"/api/v1/tasks/{hall['key']}/checklist")).json()["items"]
    assert [each["done"] for each in listed_items] == [True, False, False]


async def test_a_file_of_another_format_fails_as_a_whole(bring: Importer, owner: httpx.AsyncClient) -> None:
    done = await bring(FILES["vikunja"], format="trello")
    assert (done["state"], done["created"], done["error"]["code"]) == ("failed", 0, "unreadable_file")
    assert await listed(owner) == {}


@pytest.mark.parametrize("form", FILES)
async def test_its_first_tasks_can_be_looked_at(form: str, owner: httpx.AsyncClient) -> None:
    files = {"file": ("export", FILES[form])}
    answer = await owner.post("/api/v1/projects/WEB/imports/preview", data={"format": form}, files=files)
    assert answer.status_code == 200, answer.text
    assert answer.json()["rows"][0][1]
    assert await listed(owner) == {}


async def test_a_format_that_first_goes_through_the_file_holds_up_nobody(
    owner: httpx.AsyncClient, bring: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def read(_: BinaryIO, __: Reading) -> Iterator[Record]:
        threads.append(threading.current_thread())
        yield ImportedTask(1, "1", "One")
        yield ImportedTask(2, "2", "Two")

    monkeypatch.setitem(FORMATS, ImportFormat.TRELLO, read)
    done = await bring(FILES["trello"], format="trello")
    assert (done["created"], set(await listed(owner))) == (2, {"One", "Two"})
    assert threading.main_thread() not in threads
