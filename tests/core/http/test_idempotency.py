"""An Idempotency-Key makes a repeat safe: the same answer, once the effect, for a day, for its user."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.change_log import kinds
from tests.support.factory import Factory, MadeProject
from tests.support.sweeps import sweep

TASKS = "/api/v1/projects/WEB/tasks"
KEPT = ("content-type", "etag", "location")


@pytest.fixture
async def web(make: Factory) -> MadeProject:
    return await make.project(key="WEB")


@pytest.fixture
async def owner(web: MadeProject, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(web.owner)


async def post(client: httpx.AsyncClient, key: str, title: str = "T") -> httpx.Response:
    return await client.post(TASKS, json={"title": title}, headers={"Idempotency-Key": key})


async def numbers(client: httpx.AsyncClient) -> list[int]:
    return [item["number"] for item in (await client.get(TASKS)).json()["items"]]


async def test_a_repeat_gets_the_stored_answer(owner: httpx.AsyncClient, tables: Any) -> None:
    first, second = await post(owner, "one"), await post(owner, "one")
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert (second.status_code, second.content) == (201, first.content)
    assert [second.headers[name] for name in KEPT] == [first.headers[name] for name in KEPT]
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert await numbers(owner) == [1]
    assert (await kinds(tables))[-1:] == ["task.created"]


async def test_another_key_is_another_request(owner: httpx.AsyncClient) -> None:
    await post(owner, "one")
    await post(owner, "two")
    assert await numbers(owner) == [1, 2]


async def test_a_key_with_another_request_is_refused(owner: httpx.AsyncClient) -> None:
    await post(owner, "one")
    headers = {"Idempotency-Key": "one"}
    for refused in (
        await post(owner, "one", "Other"),
        await owner.patch("/api/v1/tasks/WEB-1", json={"title": "T"}, headers=headers),
        await owner.post("/api/v1/tasks/WEB-1/complete", headers=headers),
    ):
        assert problem(refused) == (422, "idempotency_key_reused")
    assert (await owner.get("/api/v1/tasks/WEB-1")).json()["version"] == 1


async def test_a_patch_and_a_delete_are_repeated_too(owner: httpx.AsyncClient) -> None:
    await post(owner, "one")
    headers = {"Idempotency-Key": "two", "If-Match": '"1"'}
    for _ in range(2):
        patched = await owner.patch("/api/v1/tasks/WEB-1", json={"title": "New"}, headers=headers)
        assert (patched.status_code, patched.json()["version"]) == (200, 2)
    for replayed in (False, True):
        deleted = await owner.delete("/api/v1/tasks/WEB-1", headers={"Idempotency-Key": "three"})
        assert (deleted.status_code, deleted.content) == (204, b"")
        assert ("idempotency-replayed" in deleted.headers) == replayed


async def test_each_user_has_their_own_keys(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    other = client_for(await make.user())
    for client, key in ((owner, "MINE"), (other, "THEIRS")):
        body = {"key": key, "name": "N"}
        made = await client.post("/api/v1/projects", json=body, headers={"Idempotency-Key": "one"})
        assert (made.status_code, made.json()["key"]) == (201, key)


async def test_a_request_that_failed_is_not_stored(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    body = {"title": "T", "id": str(uuid4()), "parent_id": str(uuid4())}
    headers = {"Idempotency-Key": "one"}
    assert (await owner.post(TASKS, json=body, headers=headers)).status_code == 422
    await make.task(web, id=body["parent_id"])
    again = await owner.post(TASKS, json=body, headers=headers)
    assert again.status_code == 201
    assert "idempotency-replayed" not in again.headers


async def test_after_a_day_a_key_is_new(owner: httpx.AsyncClient, tables: Any) -> None:
    await post(owner, "one")
    await tables.execute("UPDATE idempotent_answers SET created_at = now() - interval '23 hours 59 minutes'")
    assert "idempotency-replayed" in (await post(owner, "one")).headers
    await tables.execute("UPDATE idempotent_answers SET created_at = now() - interval '24 hours 1 minute'")
    assert (await post(owner, "one", "Other")).json()["key"] == "WEB-2"
    assert "idempotency-replayed" in (await post(owner, "one", "Other")).headers


async def test_old_answers_are_swept_away(owner: httpx.AsyncClient, make: Factory, tables: Any) -> None:
    await post(owner, "old")
    await tables.execute("UPDATE idempotent_answers SET created_at = now() - interval '25 hours'")
    await post(owner, "new")
    await sweep(make.app, "idempotent_answers")
    assert [row["key"] for row in await tables.fetch("SELECT key FROM idempotent_answers")] == ["new"]


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there", "caf\xe9"])
async def test_a_key_that_cannot_be_one_is_refused(key: str, owner: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": key.encode("latin-1")}
    refused = await owner.post(TASKS, json={"title": "T"}, headers=headers)  # type: ignore[arg-type]
    assert problem(refused) == (400, "malformed_idempotency_key")
    assert await numbers(owner) == []


@pytest.mark.parametrize("key", ["x", "x" * 255, '~ !"#', "3f1c2a9e-0000-4000-8000-000000000000"])
async def test_any_printable_text_is_a_key(key: str, owner: httpx.AsyncClient) -> None:
    assert (await post(owner, key)).status_code == 201


async def test_trying_with_a_key_stores_nothing_under_it(owner: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "one", "Prefer": "validate-only"}
    assert (await owner.post(TASKS, json={"title": "T"}, headers=headers)).status_code == 201
    assert "idempotency-replayed" not in (await post(owner, "one", "Other")).headers
    assert await numbers(owner) == [1]


async def test_reading_takes_no_key(owner: httpx.AsyncClient, tables: Any) -> None:
    for key in ("one", "x" * 300):
        assert (await owner.get(TASKS, headers={"Idempotency-Key": key})).status_code == 200
    assert await tables.fetchval("SELECT count(*) FROM idempotent_answers") == 0


async def test_a_key_does_not_show_whether_a_task_exists(
    web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    await make.task(web)
    outsider = client_for(await make.user())
    for key in ("WEB-1", "WEB-2"):
        refused = await outsider.patch(f"/api/v1/tasks/{key}", json={}, headers={"Idempotency-Key": "one"})
        assert problem(refused) == (404, "not_found")
