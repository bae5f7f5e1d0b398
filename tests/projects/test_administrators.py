"""Administrators act in projects they are not in as their owner would, and never without a trace."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from taskapi.core.errors import Overloaded
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support import change_log
from tests.support.answers import column, problem
from tests.support.factory import Factory, MadeProject, Person
from tests.support.statements import Counting


@pytest.fixture
async def foreign(make: Factory) -> MadeProject:
    project = await make.project(key="FAR")
    await make.task(project, "One")
    return project


@pytest.fixture
async def root(make: Factory) -> Person:
    return await make.user("root", admin=True)


@pytest.fixture
async def admin(root: Person, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(root)


async def _accesses(tables: Any, project: MadeProject) -> list[change_log.Entry]:
    return [entry for entry in await change_log.entries(tables, project.id) if entry.kind == "admin.access"]


_READS = [
    ("/tasks/FAR-1", "task:read"),
    ("/tasks/FAR-1?expand=project,creator", "task:read"),
    ("/projects/FAR", "project:read"),
    ("/projects/FAR/tasks?include=total", "task:read"),
    ("/projects/FAR/tasks?page=1&sort=due&open=true", "task:read"),
    ("/projects/FAR/trash", "task:read"),
    ("/projects/FAR/statuses", "project:read"),
    ("/projects/FAR/members", "member:read"),
]
_WRITES: list[tuple[str, str, dict[str, Any] | None, str]] = [
    ("POST", "/projects/FAR/tasks", {"title": "Two"}, "task:write"),
    ("PATCH", "/tasks/FAR-1", {"title": "New"}, "task:write"),
    ("POST", "/tasks/FAR-1/complete", None, "task:write"),
    ("POST", "/tasks/FAR-1/reopen", None, "task:write"),
    ("POST", "/tasks/FAR-1/move", {"status": "done"}, "task:write"),
    ("DELETE", "/tasks/FAR-1", None, "task:write"),
    ("DELETE", "/tasks/FAR-1?permanent=true", None, "task:purge"),
    ("PATCH", "/projects/FAR", {"name": "New", "archived": True}, "project:edit"),
    ("DELETE", "/projects/FAR", None, "project:delete"),
]


@pytest.mark.parametrize(("path", "permission"), _READS)
async def test_what_an_administrator_reads_is_what_the_owner_reads_and_is_told(
    path: str,
    permission: str,
    admin: httpx.AsyncClient,
    root: Person,
    foreign: MadeProject,
    client_for: ClientFor,
    tables: Any,
) -> None:
    seen = await admin.get(f"/api/v1{path}", headers={"X-Request-ID": "look-here"})
    assert seen.status_code == 200
    assert seen.json() == (await client_for(foreign.owner).get(f"/api/v1{path}")).json()
    [told] = await _accesses(tables, foreign)
    assert (told.actor_id, told.project_id, told.subject_key) == (root.id, foreign.id, "FAR")
    assert (told.request_id, told.changes) == ("look-here", {"permission": [None, permission]})


@pytest.mark.parametrize(("method", "path", "body", "permission"), _WRITES)
async def test_what_an_administrator_writes_is_told_twice(
    method: str,
    path: str,
    body: dict[str, Any] | None,
    permission: str,
    admin: httpx.AsyncClient,
    root: Person,
    foreign: MadeProject,
    tables: Any,
) -> None:
    """The change as anybody's, and that it was made from outside."""
    before = len(await change_log.entries(tables))
    answer = await admin.request(method, f"/api/v1{path}", json=body)
    assert answer.is_success, answer.text
    told = (await change_log.entries(tables))[before:]
    changes = [entry for entry in told if entry.kind != "admin.access"]
    assert [entry.changes for entry in told if entry.kind == "admin.access"] == [{"permission": [None, permission]}]
    assert len(changes) == (0 if path.endswith("reopen") else 1)  # it is open as it is
    assert all(entry.actor_id == root.id for entry in told)


async def test_what_is_in_the_trash_an_administrator_brings_back(
    admin: httpx.AsyncClient, foreign: MadeProject
) -> None:
    await admin.delete("/api/v1/tasks/FAR-1")
    assert (await admin.post("/api/v1/tasks/FAR-1/restore")).json()["deleted_at"] is None
    await admin.delete("/api/v1/projects/FAR")
    assert (await admin.post("/api/v1/projects/FAR/restore")).json()["role"] == "owner"


async def test_an_administrator_adds_members_up_to_owners(
    admin: httpx.AsyncClient, make: Factory, foreign: MadeProject
) -> None:
    somebody = await make.user()
    added = await admin.post("/api/v1/projects/FAR/members", json={"user_id": str(somebody.id), "role": "owner"})
    assert (added.status_code, added.json()["role"]) == (201, "owner")


async def test_a_task_moves_between_projects_of_others(
    admin: httpx.AsyncClient, make: Factory, foreign: MadeProject, tables: Any
) -> None:
    other = await make.project(key="OTHER")
    assert (await admin.post("/api/v1/tasks/FAR-1/move", json={"project": "OTHER"})).json()["key"] == "OTHER-1"
    assert len(await _accesses(tables, foreign)) == len(await _accesses(tables, other)) == 1


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"If-Match": '"99"'}, {"title": "x"}, 412),  # its problem carries the task
        ({"Prefer": "validate-only"}, {"title": "x"}, 200),
        ({}, {"status": "nowhere"}, 422),
    ],
)
async def test_a_write_that_changes_nothing_has_shown_something_and_is_told(
    headers: dict[str, str],
    body: dict[str, Any],
    status: int,
    admin: httpx.AsyncClient,
    foreign: MadeProject,
    client_for: ClientFor,
    tables: Any,
) -> None:
    answer = await admin.patch("/api/v1/tasks/FAR-1", json=body, headers=headers)
    assert answer.status_code == status
    assert (await client_for(foreign.owner).get("/api/v1/tasks/FAR-1")).json()["version"] == 1
    assert len(await _accesses(tables, foreign)) == 1


async def test_what_exists_nowhere_is_missing_for_administrators_too(
    admin: httpx.AsyncClient, foreign: MadeProject, tables: Any
) -> None:
    for path in ("/tasks/FAR-9", "/projects/NONE", "/projects/NONE/tasks"):
        assert problem(await admin.get(f"/api/v1{path}")) == (404, "not_found")
    assert await _accesses(tables, foreign) == []


async def test_their_own_lists_hold_their_own_projects(
    admin: httpx.AsyncClient, root: Person, make: Factory, foreign: MadeProject, tables: Any
) -> None:
    await make.task(await make.project(root, key="OWN"))
    assert column(await admin.get("/api/v1/projects"), "key") == ["OWN"]
    assert column(await admin.get("/api/v1/tasks"), "key") == ["OWN-1"]
    assert await _accesses(tables, foreign) == []


async def test_where_they_are_members_administrators_have_their_role_and_leave_no_trace(
    admin: httpx.AsyncClient, root: Person, make: Factory, foreign: MadeProject, tables: Any, count_statements: Counting
) -> None:
    await make.member(foreign, ProjectRole.VIEWER, root)
    await admin.get("/api/v1/tasks/FAR-1")
    async with count_statements() as seen:
        assert (await admin.get("/api/v1/tasks/FAR-1")).status_code == 200
    assert len(seen) == 1
    assert problem(await admin.patch("/api/v1/tasks/FAR-1", json={"title": "x"})) == (403, "forbidden")
    assert await _accesses(tables, foreign) == []


async def test_an_access_is_told_before_it_is_answered(live: Factory) -> None:
    """With real commits: whoever holds the answer finds the fact."""
    root, foreign = await live.user(admin=True), await live.project(key="FAR")
    task = await live.task(foreign)
    async with live.client(root) as admin:
        for path in (f"/tasks/{task['id']}", "/projects/FAR/tasks", "/projects/FAR"):
            assert (await admin.get(f"/api/v1{path}")).status_code == 200
        refused = await admin.patch("/api/v1/tasks/FAR-1", json={"title": "x"}, headers={"If-Match": '"9"'})
        assert refused.status_code == 412
    async with live.app.state.parts.database.primary.engine.connect() as connection:
        found = await connection.exec_driver_sql(
            "SELECT project_id, actor_id FROM events WHERE kind = 'admin.access' ORDER BY xid, seq"
        )
        rows = [(UUID(str(row[0])), UUID(str(row[1]))) for row in found]
    assert rows == [(foreign.id, root.id)] * 4


async def test_an_access_that_cannot_be_told_is_not_answered(
    admin: httpx.AsyncClient, foreign: MadeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise Overloaded("The log cannot be written")

    monkeypatch.setattr("taskapi.core.access.reach.publish", fail)
    for path, _ in _READS:
        assert problem(await admin.get(f"/api/v1{path}")) == (503, "overloaded")


async def test_outsiders_without_that_role_find_nothing(
    make: Factory, client_for: ClientFor, foreign: MadeProject
) -> None:
    outsider = client_for(await make.user())
    for path, _ in _READS:
        assert problem(await outsider.get(f"/api/v1{path}")) == (404, "not_found")
    for method, path, body, _ in _WRITES:
        assert problem(await outsider.request(method, f"/api/v1{path}", json=body)) == (404, "not_found")
