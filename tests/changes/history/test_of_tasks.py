"""GET /tasks/{task}/history: what happened to a task and to what hangs on it, for those who may read it."""

from typing import Any

import httpx
import pytest

from taskapi.core.access.permissions import Scope
from taskapi.models import ProjectRole
from tests.changes.lives import ok
from tests.conftest import ClientFor
from tests.support.answers import column, pointers, problem, walk
from tests.support.api_tokens import api_token, carrying
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

WEB_1 = "/tasks/WEB-1"
HISTORY = f"{WEB_1}/history"
API = "/api/v1"


@pytest.fixture(autouse=True)
async def task(make: Factory, web: MadeProject) -> dict[str, Any]:
    return await make.task(web)


async def told(client: httpx.AsyncClient, path: str = HISTORY, **params: Any) -> list[str]:
    found: list[str] = column(await client.get(API + path, params=params), "kind")
    return found


async def test_it_tells_the_changes_newest_first(
    owner: httpx.AsyncClient, web: MadeProject, task: dict[str, Any]
) -> None:
    await ok(owner, "PATCH", WEB_1, {"priority": "high"})
    await ok(owner, "POST", f"{WEB_1}/complete")
    items = (await owner.get(API + HISTORY)).json()["items"]
    assert [item["kind"] for item in items] == ["task.completed", "task.updated", "task.created"]
    changed = items[1]
    assert changed == {
        "id": changed["id"],
        "at": changed["at"],
        "kind": "task.updated",
        "actor_id": str(web.owner.id),
        "project_id": str(web.id),
        "subject_type": "task",
        "subject_id": task["id"],
        "subject_key": "WEB-1",
        "changes": {"priority": ["none", "high"]},
        "batch_id": changed["batch_id"],
    }
    assert items[2]["changes"]["title"] == [None, "Task"]


async def test_what_hangs_on_the_task_is_a_part_of_it_also_when_it_is_gone(
    make: Factory, owner: httpx.AsyncClient, web: MadeProject
) -> None:
    comment = await ok(owner, "POST", f"{WEB_1}/comments", {"body": "Hello"})
    await ok(owner, "PUT", f"{WEB_1}/comments/{comment['id']}/reactions/%F0%9F%91%8D")
    await ok(owner, "POST", f"{WEB_1}/checklist", {"text": "Item"})
    await ok(owner, "POST", f"{WEB_1}/time-entries", {"started_at": "2026-01-01T09:00:00Z", "seconds": 60})
    await ok(owner, "PUT", f"{WEB_1}/watch")
    await ok(owner, "POST", f"{WEB_1}/reminders", {"at": "2999-01-01T09:00:00Z"})
    await ok(owner, "DELETE", f"{WEB_1}/comments/{comment['id']}")
    await make.task(web, "Another")
    await ok(owner, "POST", "/tasks/WEB-2/comments", {"body": "Elsewhere"})
    assert await told(owner) == [
        "comment.deleted",
        "reaction.removed",
        "watcher.added",
        "time_entry.created",
        "checklist_item.created",
        "reaction.added",
        "comment.created",
        "task.created",
    ]


async def test_a_link_is_in_the_history_of_both_its_tasks(
    make: Factory, owner: httpx.AsyncClient, web: MadeProject
) -> None:
    await make.task(web, "Another")
    elsewhere = await make.task(await make.project(web.owner, key="APP"), "Elsewhere")
    link = await ok(owner, "POST", f"{WEB_1}/links", {"type": "blocks", "task_id": "WEB-2"})
    await ok(owner, "DELETE", f"/tasks/WEB-2/links/{link['id']}")
    for path in (HISTORY, "/tasks/WEB-2/history"):
        assert await told(owner, path) == ["link.deleted", "link.created", "task.created"]
    await ok(owner, "POST", f"{WEB_1}/links", {"type": "blocks", "task_id": elsewhere["id"]})
    assert await told(owner, "/tasks/APP-1/history") == ["link.created", "link.created", "task.created"]


async def test_a_link_to_a_project_of_others_is_told_once(
    make: Factory, client_for: ClientFor, owner: httpx.AsyncClient, web: MadeProject
) -> None:
    await make.task(await make.project(web.owner, key="APP"), "Elsewhere")
    await ok(owner, "POST", f"{WEB_1}/links", {"type": "blocks", "task_id": "APP-1"})
    member = client_for(await make.member(web, ProjectRole.VIEWER))
    assert await told(member) == ["link.created", "task.created"]


async def test_a_task_that_came_from_elsewhere_shows_its_past_to_those_who_are_there(
    make: Factory, client_for: ClientFor, owner: httpx.AsyncClient, web: MadeProject
) -> None:
    app = await make.project(web.owner, key="APP")
    await ok(owner, "POST", "/projects/WEB/statuses", {"key": "legal", "name": "Legal", "category": "started"})
    await ok(owner, "PATCH", WEB_1, {"status": "legal", "description": "Secret"})
    await ok(owner, "POST", f"{WEB_1}/comments", {"body": "Before"})
    await ok(owner, "POST", f"{WEB_1}/move", {"project": "APP"})
    await ok(owner, "POST", "/tasks/APP-1/comments", {"body": "After"})
    path = "/tasks/APP-1/history"
    newcomer = client_for(await make.member(app, ProjectRole.OWNER))
    shown = await newcomer.get(API + path)
    assert column(shown, "kind") == ["comment.created", "task.moved"]
    arrived = shown.json()["items"][1]["changes"]
    assert {before for before, _ in arrived.values()} == {None}
    assert arrived["status"] == [None, "todo"]
    assert "legal" not in shown.text
    assert "Secret" not in shown.text
    assert await told(owner, path) == [
        "comment.created",
        "task.moved",
        "task.left",
        "comment.created",
        "task.updated",
        "task.created",
    ]
    [moved] = (await owner.get(API + path, params={"kind": "task.moved"})).json()["items"]
    assert moved["changes"]["status"] == ["legal", "todo"]
    assert moved["changes"]["key"] == ["WEB-1", "APP-1"]
    [moved] = (await newcomer.get(API + "/projects/APP/history", params={"kind": "task.moved"})).json()["items"]
    assert moved["changes"] == arrived


async def test_pages_continue_where_the_last_one_ended(owner: httpx.AsyncClient) -> None:
    for number in range(5):
        await ok(owner, "PATCH", WEB_1, {"title": f"Title {number}"})
    everything = (await owner.get(API + HISTORY, params={"include": "total"})).json()
    assert everything["total"] == 6
    assert await walk(owner, API + HISTORY, limit=2) == everything["items"]
    second = (await owner.get(API + HISTORY, params={"page": 2, "limit": 4})).json()
    assert (second["items"], second["total"]) == (everything["items"][4:], 6)


async def test_a_cursor_of_another_task_is_refused(make: Factory, owner: httpx.AsyncClient, web: MadeProject) -> None:
    await make.task(web, "Another")
    await ok(owner, "PATCH", WEB_1, {"priority": "high"})
    cursor = (await owner.get(API + HISTORY, params={"limit": 1})).json()["next_cursor"]
    answer = await owner.get(API + "/tasks/WEB-2/history", params={"cursor": cursor, "limit": 1})
    assert problem(answer) == (400, "invalid_cursor")


async def test_it_is_narrowed_by_kind_actor_and_time(
    make: Factory, client_for: ClientFor, owner: httpx.AsyncClient, web: MadeProject
) -> None:
    editor = await make.member(web, ProjectRole.EDITOR)
    await ok(client_for(editor), "PATCH", WEB_1, {"priority": "high"})
    await ok(owner, "POST", f"{WEB_1}/complete")
    assert await told(owner, kind=["task.completed", "task.created"]) == ["task.completed", "task.created"]
    assert await told(owner, actor=str(editor.id)) == ["task.updated"]
    assert await told(owner, actor="me") == ["task.completed", "task.created"]
    at = (await owner.get(API + HISTORY, params={"kind": "task.updated"})).json()["items"][0]["at"]
    assert await told(owner, since=at) == ["task.completed", "task.updated"]
    assert await told(owner, until=at) == ["task.created"]
    # A kind that nobody reads in a project is none that anything has here.
    assert await told(owner, kind="user.updated") == []


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"kind": "task.exploded"}, "/query/kind/0"),
        ({"actor": "somebody"}, "/query/actor"),
        ({"since": "2026-01-01"}, "/query/since"),
        ({"until": "yesterday"}, "/query/until"),
        ({"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, "/query"),
        ({"sort": "at"}, "/query/sort"),
    ],
)
async def test_what_it_cannot_be_narrowed_by_is_named(
    owner: httpx.AsyncClient, params: dict[str, str], pointer: str
) -> None:
    answer = await owner.get(API + HISTORY, params=params)
    assert problem(answer) == (422, "validation_error")
    assert any(found.startswith(pointer) for found in pointers(answer))


async def test_it_is_for_those_who_may_read_the_task(
    make: Factory, client_for: ClientFor, owner: httpx.AsyncClient, client: httpx.AsyncClient, web: MadeProject
) -> None:
    assert await told(client_for(await make.member(web, ProjectRole.VIEWER))) == ["task.created"]
    outsider = client_for(await make.user())
    assert problem(await outsider.get(API + HISTORY)) == (404, "not_found")
    assert problem(await client.get(API + HISTORY)) == (401, "unauthorized")
    token = await api_token(make, web.owner, Scope.PROJECTS_READ)
    assert problem(await carrying(client, token).get(API + HISTORY)) == (403, "insufficient_scope")
    await ok(owner, "PATCH", "/projects/WEB", {"archived": True})
    assert await told(owner) == ["task.created"]
    await ok(owner, "PATCH", "/projects/WEB", {"archived": False})
    await ok(owner, "DELETE", WEB_1)
    assert problem(await owner.get(API + HISTORY)) == (404, "not_found")


async def test_an_api_token_sees_the_past_in_its_projects(
    make: Factory, client: httpx.AsyncClient, owner: httpx.AsyncClient, web: MadeProject
) -> None:
    app = await make.project(web.owner, key="APP")
    await ok(owner, "POST", f"{WEB_1}/move", {"project": "APP"})
    token = await api_token(make, web.owner, Scope.TASKS_READ, project_ids=[app.id])
    assert await told(carrying(client, token), "/tasks/APP-1/history") == ["task.moved"]


async def test_it_costs_three_round_trips(owner: httpx.AsyncClient, count_statements: Counting) -> None:
    async with count_statements() as seen:
        await owner.get(API + HISTORY)
    # Who asks is looked up besides, where that was not done a moment ago.
    told = [statement for statement in seen if "sessions" not in statement]
    assert len(told) == 3, "the task, the page, and where the log begins"
