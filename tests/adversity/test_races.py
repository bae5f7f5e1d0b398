"""Many at the same moment: whatever the order they come in, the outcome is one that some order explains."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from taskapi.core.db.statements import Statement
from taskapi.core.http import idempotency
from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from tests.adversity.observing import rows, until_somebody_waits_for_a_lock
from tests.support.databases import connect
from tests.support.factory import PASSWORD, Factory

Responses = list[httpx.Response]


async def at_once(requests: Iterable[Awaitable[httpx.Response]]) -> Responses:
    return await asyncio.gather(*requests)


def statuses(responses: Responses) -> Counter[int]:
    return Counter(response.status_code for response in responses)


async def test_parallel_creators_get_numbers_without_gaps(live: Factory) -> None:
    project = await live.project()
    people = [project.owner, *[await live.member(project, ProjectRole.EDITOR) for _ in range(31)]]
    clients = [live.client(person) for person in people]
    made = await at_once(c.post(project.tasks_path, json={"title": str(i)}) for c in clients for i in range(3))
    assert statuses(made) == {201: 96}
    assert sorted(response.json()["number"] for response in made) == list(range(1, 97))


async def test_a_creator_who_fails_leaves_no_gap(live: Factory) -> None:
    project = await live.project()
    client = live.client(project.owner)
    bodies = [{"title": "x", "assignee_ids": [str(uuid4())] if i % 2 else []} for i in range(40)]
    made = await at_once(client.post(project.tasks_path, json=body) for body in bodies)
    assert statuses(made) == {201: 20, 422: 20}
    assert sorted(r.json()["number"] for r in made if r.status_code == 201) == list(range(1, 21))


async def register(live: Factory, number: int, body: dict[str, str]) -> httpx.Response:
    """Each from an address of their own: one address may ask for ten names that are taken."""
    transport = httpx.ASGITransport(live.app, client=(f"198.51.100.{number}", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post("/api/v1/auth/register", json=body)


async def test_a_mailbox_in_any_spelling_gets_one_account(live: Factory, database_url: str) -> None:
    spellings = [
        "Ann.Lee@Bücher.example",
        "ann.lee@bücher.example",
        "ANN.LEE@BÜCHER.EXAMPLE",
        "ann.lee@xn--bcher-kva.example",
    ]
    bodies = [
        {"username": f"ann{i}", "email": f" {spellings[i % 4]} " if i % 3 else spellings[i % 4], "password": PASSWORD}
        for i in range(50)
    ]
    answers = await at_once(register(live, number, body) for number, body in enumerate(bodies))
    assert statuses(answers) == {201: 1, 409: 49}
    assert {r.json()["code"] for r in answers if r.status_code == 409} == {"email_taken"}
    assert len(await rows(database_url, "SELECT FROM users")) == 1
    assert len(await rows(database_url, "SELECT FROM events WHERE kind = 'user.registered'")) == 1


async def test_a_username_in_any_case_gets_one_account(live: Factory) -> None:
    names = ["annlee", "AnnLee", "ANNLEE", "aNNlEE"]
    bodies = [{"username": names[i % 4], "email": f"a{i}@example.com", "password": PASSWORD} for i in range(40)]
    answers = await at_once(register(live, number, body) for number, body in enumerate(bodies))
    assert statuses(answers) == {201: 1, 409: 39}


async def test_of_a_hundred_edits_of_one_version_one_is_stored(live: Factory, database_url: str) -> None:
    project = await live.project()
    task = await live.task(project)
    client = live.client(project.owner)
    path, headers = f"/api/v1/tasks/{task['key']}", {"If-Match": '"1"'}
    answers = await at_once(client.patch(path, json={"title": f"Edit {i}"}, headers=headers) for i in range(100))
    assert statuses(answers) == {200: 1, 412: 99}
    winner = next(r.json() for r in answers if r.status_code == 200)
    assert (await client.get(path)).json() == winner
    assert all(r.json()["current"] == winner for r in answers if r.status_code == 412)
    assert winner["version"] == 2
    assert len(await rows(database_url, "SELECT FROM events WHERE kind = 'task.updated'")) == 1


async def test_of_fifty_requests_with_one_key_one_has_an_effect(live: Factory, database_url: str) -> None:
    project = await live.project()
    client = live.client(project.owner)
    headers = {"Idempotency-Key": "once"}
    answers = await at_once(client.post(project.tasks_path, json={"title": "x"}, headers=headers) for _ in range(50))
    assert set(statuses(answers)) <= {201, 409}
    originals = [r for r in answers if r.status_code == 201 and "idempotency-replayed" not in r.headers]
    assert len(originals) == 1
    for answer in answers:
        if answer.status_code == 201:
            assert answer.content == originals[0].content
            assert answer.headers["location"] == originals[0].headers["location"]
        else:
            assert (answer.json()["code"], answer.headers["retry-after"]) == ("request_in_progress", "1")
    assert len(await rows(database_url, "SELECT FROM tasks")) == 1
    repeat = await client.post(project.tasks_path, json={"title": "x"}, headers=headers)
    assert (repeat.content, repeat.headers["idempotency-replayed"]) == (originals[0].content, "true")
    other = await client.post(project.tasks_path, json={"title": "y"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_repeat_while_the_first_is_running_is_told_to_wait(live: Factory, database_url: str) -> None:
    project = await live.project()
    client = live.client(project.owner)
    sent: dict[str, Any] = {"json": {"title": "x"}, "headers": {"Idempotency-Key": "once"}}
    holder = await connect(database_url)
    async with holder.transaction():
        await holder.execute("SELECT FROM project_counters FOR UPDATE")
        first = asyncio.create_task(client.post(project.tasks_path, **sent))
        await until_somebody_waits_for_a_lock(database_url)
        repeat = await client.post(project.tasks_path, **sent)
        assert (repeat.status_code, repeat.json()["code"]) == (409, "request_in_progress")
        assert repeat.headers["retry-after"] == "1"
    await holder.close()
    assert (await first).status_code == 201
    assert (await client.post(project.tasks_path, **sent)).headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_a_repeat_that_just_missed_the_first_still_gets_its_answer(
    live: Factory, database_url: str, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """The second looks for a stored answer before the first commits, and takes the lock after: each waits for us."""
    project = await live.project()
    task = await live.task(project)
    client = live.client(project.owner)
    path = project.tasks_path if method == "POST" else f"/api/v1/tasks/{task['id']}"
    body = {"POST": {"title": "x", "id": str(new_id())}, "PATCH": {"title": "y"}, "DELETE": None}[method]
    headers = {"Idempotency-Key": "once"} | ({"If-Match": '"1"'} if method == "PATCH" else {})
    claim = idempotency._CLAIM
    holder = await connect(database_url)
    sent = []
    for turn in (1, 2):
        await holder.execute("SELECT pg_advisory_lock($1)", turn)
        waits = claim.sql.replace("SELECT ", f"SELECT pg_advisory_xact_lock_shared({turn}), ", 1)
        monkeypatch.setattr(idempotency, "_CLAIM", Statement(waits, claim._parameters))
        sent.append(asyncio.create_task(client.request(method, path, json=body, headers=headers)))
        await until_somebody_waits_for_a_lock(database_url, turn)
    answers = []
    for turn in (1, 2):
        await holder.execute("SELECT pg_advisory_unlock($1)", turn)
        answers.append(await sent[turn - 1])
    await holder.close()
    first, second = answers
    assert first.status_code == second.status_code == {"POST": 201, "PATCH": 200, "DELETE": 204}[method]
    assert "idempotency-replayed" not in first.headers
    assert (second.content, second.headers["idempotency-replayed"]) == (first.content, "true")


async def test_the_same_key_of_another_person_is_another_key(live: Factory) -> None:
    first, second = await live.project(key="ONE"), await live.project(key="TWO")
    headers = {"Idempotency-Key": "mine"}
    for project in (first, second):
        answer = await live.client(project.owner).post(project.tasks_path, json={"title": "x"}, headers=headers)
        assert (answer.status_code, answer.json()["key"]) == (201, f"{project.key}-1")


async def demote(live: Factory, by: Any, whom: Any) -> httpx.Response:
    return await live.client(by).patch(f"/api/v1/users/{whom.id}", json={"role": "user"})


async def test_administrators_who_demote_each_other_leave_one(live: Factory, database_url: str) -> None:
    for _ in range(5):
        await rows(database_url, "UPDATE users SET role = 'user'")
        one, other = await live.user(admin=True), await live.user(admin=True)
        answers = await asyncio.gather(demote(live, one, other), demote(live, other, one))
        assert sorted(response.status_code for response in answers) in ([200, 403], [200, 409])
        assert len(await rows(database_url, "SELECT FROM users WHERE role = 'admin'")) == 1


async def test_many_who_move_keep_a_total_order(live: Factory) -> None:
    """Every mover aims at one of two gaps, where all but one of them look too early."""
    project = await live.project()
    client = live.client(project.owner)
    keys = [(await live.task(project))["key"] for _ in range(30)]
    places = [{"after": keys[0]}, {"before": keys[1]}, {"after": keys[0], "before": keys[1]}]
    moves = [client.post(f"/api/v1/tasks/{key}/move", json=places[i % 3]) for i, key in enumerate(keys[2:] * 2)]
    news = [client.post(project.tasks_path, json={"title": "new"}) for _ in range(10)]
    assert statuses(await at_once([*moves, *news])) == {200: 56, 201: 10}
    found = (await client.get(f"{project.tasks_path}?limit=200")).json()["items"]
    ranks = [task["rank"] for task in found]
    assert ranks == sorted(set(ranks))
    assert [task["key"] for task in found if task["key"] in keys[:2]] == keys[:2]
    assert {task["key"] for task in found[:30]} == set(keys)


async def test_a_task_moved_between_strangers_takes_nobodys_place(live: Factory) -> None:
    project = await live.project(key="WEB")
    for _ in range(5):
        await live.task(project)
    client = live.client(project.owner)
    for _ in range(20):
        for mover in ("WEB-4", "WEB-5"):
            answer = await client.post(f"/api/v1/tasks/{mover}/move", json={"after": "WEB-1", "before": "WEB-3"})
            assert answer.status_code == 200
    found = (await client.get(project.tasks_path)).json()["items"]
    assert len({task["rank"] for task in found}) == 5
    assert [task["key"] for task in found] == ["WEB-1", "WEB-5", "WEB-4", "WEB-2", "WEB-3"]
