"""However many write values while a field or an option goes, no task has a value that nothing defines."""

import asyncio

import httpx
import pytest

from tests.support.beside_tasks import require_true
from tests.support.custom_fields import FIELDS, add
from tests.support.databases import connect
from tests.support.factory import Factory

pytestmark = pytest.mark.slow

TASKS = "/api/v1/projects/WEB/tasks"


async def client_of_web(live: Factory, tasks: int) -> httpx.AsyncClient:
    project = await live.project(key="WEB")
    for _ in range(tasks):
        await live.task(project)
    return live.client(project.owner)


async def test_an_option_goes_or_is_used_and_never_both(live: Factory) -> None:
    client = await client_of_web(live, 4)
    for attempt in range(4):
        path = await add(client, f"f{attempt}", "select")
        body = {"fields": {f"f{attempt}": "high"}}
        removed, *written = await asyncio.gather(
            client.patch(path, json={"options": [{"name": "Low"}]}),
            *(client.patch(f"/api/v1/tasks/WEB-{n}", json=body) for n in range(1, 5)),
        )
        found = (await client.get(TASKS)).json()["items"]
        used = sum(f"f{attempt}" in task["fields"] for task in found)
        assert used == sum(answer.status_code == 200 for answer in written)
        assert {answer.status_code for answer in written} <= {200, 422}
        assert removed.status_code == (409 if used else 200)


async def test_nothing_is_left_of_a_field_that_goes(live: Factory, database_url: str) -> None:
    client = await client_of_web(live, 4)
    for attempt in range(4):
        path = await add(client, "cost", "number")
        body = {"fields": {"cost": attempt}}
        answers = await asyncio.gather(
            *(client.patch(f"/api/v1/tasks/WEB-{n}", json=body) for n in (1, 2)),
            client.delete(path),
            *(client.patch(f"/api/v1/tasks/WEB-{n}", json=body) for n in (3, 4)),
            client.post(TASKS, json={"title": "T", **body}),
        )
        assert {answer.status_code for answer in answers} <= {200, 201, 204, 422}
        assert [task["fields"] for task in (await client.get(TASKS)).json()["items"] if task["fields"]] == []
    tables = await connect(database_url)
    await require_true(tables)
    await tables.close()


async def test_many_who_make_and_reorder_at_once_leave_an_order(live: Factory) -> None:
    client = await client_of_web(live, 0)
    paths = [await add(client, f"f{n}") for n in range(3)]
    for shift in range(3):
        answers = await asyncio.gather(
            *(client.patch(path, json={"position": (at + shift) % 3}) for at, path in enumerate(paths)),
            client.post(FIELDS, json={"key": f"new{shift}", "name": "New", "type": "date", "position": shift}),
        )
        assert {answer.status_code for answer in answers} == {200, 201}
        items = (await client.get(FIELDS)).json()["items"]
        assert [item["position"] for item in items] == list(range(4 + shift))
