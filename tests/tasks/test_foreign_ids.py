"""An id of another project in a body is refused in the very words for one that does not exist (T16)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.answers import problem
from tests.support.factory import Factory, MadeProject

Body = Callable[[str], dict[str, Any]]
USER_BODIES: list[tuple[str, str, Body]] = [
    ("POST", "/api/v1/projects/WEB/tasks", lambda user: {"title": "Task", "assignee_ids": [user]}),
    ("PATCH", "/api/v1/tasks/WEB-1", lambda user: {"assignee_ids": [user]}),
    ("POST", "/api/v1/projects/WEB/transfer", lambda user: {"user_id": user}),
]
TASK_BODIES: list[tuple[str, str, Body]] = [
    ("POST", "/api/v1/projects/WEB/tasks", lambda task: {"title": "Task", "parent_id": task}),
    ("PATCH", "/api/v1/tasks/WEB-1", lambda task: {"parent_id": task}),
    ("POST", "/api/v1/tasks/WEB-1/move", lambda task: {"before": task}),
    ("POST", "/api/v1/tasks/WEB-1/move", lambda task: {"after": task}),
]


async def refusals(
    client: httpx.AsyncClient, method: str, path: str, bodies: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    found = []
    for body in bodies:
        answer = await client.request(method, path, json=body)
        assert problem(answer)[0] == 422
        found.append({name: value for name, value in answer.json().items() if name != "request_id"})
    return found


@pytest.mark.parametrize(("method", "path", "body"), USER_BODIES)
async def test_a_user_of_another_project_is_no_user(
    method: str, path: str, body: Body, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    task = await make.task(web)
    stranger = (await make.project(key="OTHER")).owner
    foreign, missing = await refusals(owner, method, path, [body(str(stranger.id)), body(str(uuid4()))])
    assert foreign == missing
    assert (await owner.get("/api/v1/tasks/WEB-1")).json() == task


@pytest.mark.parametrize("seen", [True, False], ids=["one I see", "one I do not"])
@pytest.mark.parametrize(("method", "path", "body"), TASK_BODIES)
async def test_a_task_of_another_project_is_no_task(
    method: str, path: str, body: Body, seen: bool, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    task = await make.task(web)
    other = await make.project(web.owner if seen else None, "OTHER")
    theirs = await make.task(other)
    foreign, missing = await refusals(owner, method, path, [body(theirs["id"]), body(str(uuid4()))])
    assert foreign == missing
    assert (await owner.get("/api/v1/tasks/WEB-1")).json() == task


@pytest.mark.parametrize(("method", "path"), [("PATCH", "/api/v1/tasks/WEB-1"), ("POST", "/api/v1/tasks/WEB-1/move")])
async def test_a_status_of_another_project_is_no_status(
    method: str, path: str, web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    task = await make.task(web)
    other = await make.project(web.owner, "OTHER")
    await tables.execute(
        "INSERT INTO statuses (id, project_id, key, name, category, position)"
        " VALUES (gen_random_uuid(), $1, 'theirs', 'Theirs', 'started', 9)",
        other.id,
    )
    foreign, missing = await refusals(owner, method, path, [{"status": "theirs"}, {"status": "nobodys"}])
    assert foreign == missing
    assert (await owner.get("/api/v1/tasks/WEB-1")).json() == task
