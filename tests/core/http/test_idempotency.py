"""An Idempotency-Key makes a repeat safe: the same answer, once the effect, for a day, for its user."""

from typing import Any

import httpx
import pytest

from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.api_tokens import api_token, carrying
from tests.support.change_log import kinds
from tests.support.factory import PASSWORD, Factory, MadeProject
from tests.support.sweeps import sweep

TASKS = "/api/v1/projects/WEB/tasks"
KEPT = ("content-type", "etag", "location")


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


async def test_a_key_belongs_to_the_user_whatever_credential_carries_it(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    """A client that makes itself a new token between a try and its repeat makes nothing twice."""
    first = await post(owner, "one")
    for project_ids in (None, [web.id]):
        script = carrying(client_for(None), await api_token(make, web.owner, "tasks:write", project_ids=project_ids))
        repeat = await post(script, "one")
        assert (repeat.status_code, repeat.content) == (201, first.content)
        assert repeat.headers["idempotency-replayed"] == "true"
    assert await numbers(owner) == [1]


async def test_a_token_for_some_projects_gets_no_answer_about_others(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    other = await make.project(web.owner, key="OTHER")
    made = await post(owner, "one", "Secret plans")
    script = carrying(client_for(None), await api_token(make, web.owner, "tasks:write", project_ids=[other.id]))
    refused = await post(script, "one", "Secret plans")
    assert problem(refused) == (403, "forbidden")
    assert "Secret plans" not in refused.text
    # What was moved is about both projects.
    headers, path = {"Idempotency-Key": "two"}, f"/api/v1/tasks/{made.json()['id']}/move"
    moved = await owner.post(path, json={"project": "OTHER"}, headers=headers)
    assert (moved.status_code, moved.json()["key"]) == (200, "OTHER-1")
    assert problem(await script.post(path, json={"project": "OTHER"}, headers=headers)) == (403, "forbidden")


async def test_a_token_repeats_its_own_request_that_changed_nothing(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    await make.task(web)
    script = carrying(client_for(None), await api_token(make, web.owner, "tasks:write", project_ids=[web.id]))
    headers = {"Idempotency-Key": "one"}
    for _ in range(2):
        answer = await script.patch("/api/v1/tasks/WEB-1", json={}, headers=headers)
    assert (answer.status_code, answer.headers["idempotency-replayed"]) == (200, "true")
    # What the session asked for is about the project that it looked into, whether or not it wrote there.
    await owner.patch("/api/v1/tasks/WEB-1", json={}, headers={"Idempotency-Key": "two"})
    repeat = await script.patch("/api/v1/tasks/WEB-1", json={}, headers={"Idempotency-Key": "two"})
    assert (repeat.status_code, repeat.headers["idempotency-replayed"]) == (200, "true")


async def test_a_token_without_the_scope_gets_no_stored_answer(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    await post(owner, "one")
    script = carrying(client_for(None), await api_token(make, web.owner, "tasks:read", "projects:write"))
    assert problem(await post(script, "one")) == (403, "insufficient_scope")


async def test_the_parsed_body_counts_and_not_its_bytes(owner: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "one", "Content-Type": "application/json"}
    for body in (b'{"title":"A","priority":"low"}', b'{ "priority" : "low",\n "title" : "\\u0041" }'):
        answer = await owner.post(TASKS, content=body, headers=headers)
        assert (answer.status_code, answer.json()["number"]) == (201, 1)
    headers["Idempotency-Key"] = "two"
    for content in (b"", b"{}", b" { } "):
        answer = await owner.post("/api/v1/tasks/WEB-1/complete", content=content, headers=headers)
        assert (answer.status_code, answer.json()["version"]) == (200, 2)


async def test_another_resource_or_parameter_is_another_request(web: MadeProject, owner: httpx.AsyncClient) -> None:
    """The address counts as it was written, but for the case of an id."""
    for key in ("one", "two"):
        await post(owner, key)
    task_id = (await owner.get("/api/v1/tasks/WEB-1")).json()["id"]
    headers = {"Idempotency-Key": "three"}
    assert (await owner.post(f"/api/v1/tasks/{task_id}/complete", headers=headers)).status_code == 200
    repeat = await owner.post(f"/api/v1/tasks/{task_id.upper()}/complete", headers=headers)
    assert repeat.headers["idempotency-replayed"] == "true"
    for other in ("WEB-2", "WEB-1"):
        refused = await owner.post(f"/api/v1/tasks/{other}/complete", headers=headers)
        assert problem(refused) == (422, "idempotency_key_reused")
    headers = {"Idempotency-Key": "four"}
    assert (await owner.delete("/api/v1/tasks/WEB-2", headers=headers)).status_code == 204
    refused = await owner.delete("/api/v1/tasks/WEB-2?permanent=true", headers=headers)
    assert problem(refused) == (422, "idempotency_key_reused")


async def test_nobody_takes_the_keys_of_those_who_are_not_signed_in(make: Factory) -> None:
    """By address and route: a key that is easy to guess is not gone for everybody."""

    async def ask(address: str, path: str, body: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(make.app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post(f"/api/v1/auth/{path}", json=body, headers={"Idempotency-Key": "register"})

    ana, bo = ({"username": n, "email": f"{n}@example.com", "password": PASSWORD} for n in ("ana", "bo"))
    for replayed in (False, True):
        made = await ask("192.0.2.1", "register", ana)
        assert (made.status_code, made.json()["username"]) == (201, "ana")
        assert ("idempotency-replayed" in made.headers) == replayed
    assert problem(await ask("192.0.2.1", "register", bo)) == (422, "idempotency_key_reused")
    assert (await ask("192.0.2.2", "register", bo)).status_code == 201
    assert (await ask("192.0.2.1", "password/forgot", {"email": "ana@example.com"})).status_code == 202


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", TASKS, {"title": "T"}),
        ("PATCH", "/api/v1/tasks/WEB-1", {"title": "N"}),
        ("PATCH", "/api/v1/tasks/WEB-1", {}),
    ],
)
async def test_who_is_out_of_a_project_gets_no_answer_about_it(
    method: str,
    path: str,
    body: dict[str, str],
    web: MadeProject,
    owner: httpx.AsyncClient,
    make: Factory,
    client_for: ClientFor,
) -> None:
    """The repeat is left to the route: whoever is not in there is told the same."""
    await make.task(web)
    person = await make.member(web, ProjectRole.EDITOR)
    theirs = client_for(person)
    request: dict[str, Any] = {"json": body, "headers": {"Idempotency-Key": "one"}}
    first = await theirs.request(method, path, **request)
    member = f"/api/v1/projects/WEB/members/{person.id}"
    assert (await owner.delete(member)).status_code == 204
    refused = await theirs.request(method, path, **request)
    other = await theirs.request(method, path, json=body, headers={"Idempotency-Key": "another"})
    assert problem(refused) == problem(other) == (404, "not_found")
    assert refused.json() | {"request_id": ""} == other.json() | {"request_id": ""}
    assert (await owner.get("/api/v1/tasks/WEB-1")).json()["version"] == (2 if body.get("title") == "N" else 1)
    await owner.post("/api/v1/projects/WEB/members", json={"user_id": str(person.id), "role": "editor"})
    assert (await theirs.request(method, path, **request)).content == first.content


async def test_who_lost_the_right_to_do_it_gets_the_refusal_and_no_old_answer(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    person = await make.member(web, ProjectRole.ADMIN)
    theirs, member = client_for(person), f"/api/v1/projects/WEB/members/{person.id}"
    first = await post(theirs, "one")
    for role, status in (("editor", 201), ("viewer", 403), ("owner", 201)):
        await owner.patch(member, json={"role": role})
        again = await post(theirs, "one")
        assert again.status_code == status, role
        if status == 201:
            assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
        else:
            assert problem(again) == (403, "forbidden")
            assert "task:write" in again.json()["detail"]
    assert await numbers(owner) == [1]


async def test_what_took_a_right_away_is_repeated_all_the_same(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    other = await make.member(web, ProjectRole.ADMIN)
    headers = {"Idempotency-Key": "one"}
    for replayed in (False, True):
        done = await owner.post("/api/v1/projects/WEB/transfer", json={"user_id": str(other.id)}, headers=headers)
        assert (done.status_code, "idempotency-replayed" in done.headers) == (200, replayed)


async def test_who_has_left_is_told_again_that_it_was_done(
    web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    """An answer without a body tells nothing but that, and the first one may have been lost."""
    theirs = client_for(await make.member(web, ProjectRole.EDITOR))
    for replayed in (False, True):
        left = await theirs.post("/api/v1/projects/WEB/leave", headers={"Idempotency-Key": "one"})
        assert (left.status_code, "idempotency-replayed" in left.headers) == (204, replayed)


async def test_of_two_projects_the_caller_has_to_be_in_both(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    """The route would let a task be moved to where it is already, so the refusal is not its own."""
    other = await make.project(web.owner, "OTHER")
    task = await make.task(web, "Secret plans")
    person = await make.member(web, ProjectRole.EDITOR)
    await make.member(other, ProjectRole.EDITOR, person)
    await make.project(person, "THIRD")
    path, headers = f"/api/v1/tasks/{task['id']}/move", {"Idempotency-Key": "one"}
    moved = await client_for(person).post(path, json={"project": "OTHER"}, headers=headers)
    assert moved.status_code == 200
    await owner.delete(f"/api/v1/projects/WEB/members/{person.id}")
    refused = await client_for(person).post(path, json={"project": "OTHER"}, headers=headers)
    assert problem(refused) == (404, "not_found")
    assert (await owner.get(f"/api/v1/tasks/{task['id']}")).json()["version"] == moved.json()["version"]


async def test_administrators_get_their_answers_about_projects_they_are_not_in(
    web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    admin = client_for(await make.user(admin=True))
    first, second = await post(admin, "one"), await post(admin, "one")
    assert (second.content, second.headers["idempotency-replayed"]) == (first.content, "true")


async def test_a_request_that_failed_is_not_stored(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    body = {"title": "T", "id": str(new_id()), "parent_id": str(new_id())}
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
