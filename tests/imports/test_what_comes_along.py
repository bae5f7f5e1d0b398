"""Beside its fields a foreign task brings along: its files, when somebody is reminded of it, and how it comes again."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from tests.imports.conftest import Importer
from tests.imports.readers.reading import zipped
from tests.proof.tables import TOLD, differences
from tests.support.change_log import Fold

SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)


def export(*tasks: Mapping[str, Any], **members: bytes) -> bytes:
    data = json.dumps([{"id": 1, "title": "Home", "tasks": tasks}])
    return zipped({"data.json": data, **{name.replace("_", "/"): content for name, content in members.items()}})


async def tasks(client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    found = (await client.get("/api/v1/projects/WEB/tasks")).json()["items"]
    return {task["title"]: task for task in found}


async def under(client: httpx.AsyncClient, task: Mapping[str, Any], what: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/api/v1/tasks/{task['key']}/{what}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_vikunja_brings_files_reminders_rules_and_colours(
    owner: httpx.AsyncClient, bring: Importer, tables: Any
) -> None:
    fence = {
        "id": 1,
        "title": "Fence",
        "due_date": SOON.isoformat(),
        "repeat_after": 1209600,
        "labels": [{"title": "garden", "hex_color": "00ff00"}],
        "reminders": [
            {"reminder": SOON.isoformat(), "relative_period": -3600, "relative_to": "due_date"},
            {"reminder": "2020-01-01T00:00:00Z"},
        ],
        "attachments": [
            {"id": 5, "file": {"id": 77, "name": "../fence.txt"}, "created": "2024-01-02T00:00:00Z"},
            {"id": 6, "file": {"id": 78, "name": "gone.txt"}},
        ],
    }
    over = {
        "id": 2,
        "title": "Over",
        "due_date": "2020-05-01T00:00:00Z",
        "reminders": [{"reminder": SOON.isoformat(), "relative_period": -60, "relative_to": "due_date"}],
    }
    content = export(fence, over, files_77=b"The plan")
    done = await bring(content, format="vikunja", options={"unknown": "fields"})
    assert (done["state"], done["created"], done["problems"]) == ("done", 2, [])
    found = await tasks(owner)
    assert found["Fence"]["recurrence"]["rule"] == "FREQ=WEEKLY;INTERVAL=2"
    assert found["Fence"]["fields"] == {"attachments": "gone.txt"}
    [file] = await under(owner, found["Fence"], "attachments")
    assert (file["name"], file["size"], file["created_at"]) == ("fence.txt", 8, "2024-01-02T00:00:00.000000Z")
    content_of = await owner.get(f"/api/v1/attachments/{file['id']}/content")
    assert (content_of.status_code, content_of.content) == (200, b"The plan")
    [reminder] = await under(owner, found["Fence"], "reminders")
    assert (reminder["minutes_before"], reminder["at"]) == (60, None)
    assert datetime.fromisoformat(reminder["remind_at"]) == SOON - timedelta(hours=1)
    assert await under(owner, found["Over"], "reminders") == []
    [label] = (await owner.get("/api/v1/projects/WEB/labels")).json()["items"]
    assert (label["name"], label["color"]) == ("garden", "#00ff00")
    assert await differences(Fold(), tables, datetime.now(UTC), TOLD) == []
    # Completed, it goes on as a series does.
    await owner.post(f"/api/v1/tasks/{found['Fence']['key']}/complete")
    following = next(task for task in (await tasks(owner)).values() if task["title"] == "Fence")
    assert datetime.fromisoformat(following["due_at"]) == SOON + timedelta(days=14)
    # And again, nothing changes.
    again = await bring(content, format="vikunja", options={"unknown": "fields"})
    assert (again["skipped"], again["problems"]) == (2, [])


async def test_nobody_brings_reminders_for_somebody_else(owner: httpx.AsyncClient, bring: Importer) -> None:
    me = (await owner.get("/api/v1/users/me")).json()
    due = {"date": SOON.strftime("%Y-%m-%dT%H:%M:%SZ"), "string": "every day", "is_recurring": True}
    reminders = [
        {"id": str(n), "item_id": "1", "notify_uid": who, "type": "relative", "minute_offset": n * 10}
        for n, who in enumerate(("9", "8"), 1)
    ]
    people = [{"id": "9", "full_name": me["username"]}, {"id": "8", "full_name": "Somebody Else"}]
    content = json.dumps(
        {"items": [{"id": "1", "content": "Plants", "due": due}], "reminders": reminders, "collaborators": people}
    )
    done = await bring(content, format="todoist")
    assert [one["code"] for one in done["problems"]] == ["reminder_of_another"]
    plants = (await tasks(owner))["Plants"]
    assert plants["recurrence"]["rule"] == "FREQ=DAILY"
    assert [one["minutes_before"] for one in await under(owner, plants, "reminders")] == [10]


async def test_a_file_that_leads_out_of_the_archive_is_only_a_name(
    owner: httpx.AsyncClient, bring: Importer, app: FastAPI
) -> None:
    task = {"id": 1, "title": "One", "attachments": [{"id": 1, "file": {"id": "../../etc/passwd", "name": "/etc/x"}}]}
    data = json.dumps([{"id": 1, "title": "Home", "tasks": [task]}])
    done = await bring(zipped({"data.json": data, "files/../../etc/passwd": b"not yours"}), format="vikunja")
    assert (done["state"], done["problems"]) == ("done", [])
    [file] = await under(owner, (await tasks(owner))["One"], "attachments")
    assert (file["name"], file["size"]) == ("x", 9)
