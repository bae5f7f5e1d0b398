"""Statuses are made, changed and put in order by whoever writes tasks; each change is told in the change log."""

from typing import Any

import httpx
import pytest

from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.projects.statuses.conftest import DEFAULT, STATUSES, add, order, path_of, status
from tests.support.answers import pointers, problem
from tests.support.change_log import entries, kinds
from tests.support.factory import Factory, MadeProject


async def test_a_status_is_made_at_the_end_and_read(owner: httpx.AsyncClient, web: MadeProject, tables: Any) -> None:
    body = {"key": "review", "name": " In review ", "category": "started", "wip_limit": 3}
    made = await owner.post(STATUSES, json=body)
    assert made.status_code == 201
    review = made.json()
    assert review == {**body, "id": review["id"], "name": "In review", "position": 5, "version": 1}
    assert (made.headers["location"], made.headers["etag"]) == (f"{STATUSES}/{review['id']}", '"1"')
    found = await owner.get(made.headers["location"])
    assert (found.json(), found.headers["etag"]) == (review, '"1"')
    assert await order(owner) == [*DEFAULT, "review"]
    [created] = await entries(tables, review["id"])
    assert (created.kind, created.project_id, created.subject_key) == ("status.created", web.id, "WEB")
    assert created.changes == {name: [None, value] for name, value in review.items()}


async def test_those_that_a_project_starts_with_are_facts_of_its_making(web: MadeProject, tables: Any) -> None:
    rows = await tables.fetch(
        "SELECT kind, batch_id, changes->'key'->>1 AS key FROM events WHERE project_id = $1 ORDER BY seq", web.id
    )
    assert [row["kind"] for row in rows] == ["project.created", *["status.created"] * 5, "member.added"]
    assert [row["key"] for row in rows[1:6]] == DEFAULT
    assert len({row["batch_id"] for row in rows}) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "x", "category": "started"}, "/key"),
        ({"key": "X y", "name": "x", "category": "started"}, "/key"),
        ({"key": "x", "category": "started"}, "/name"),
        ({"key": "x", "name": "x", "category": "waiting"}, "/category"),
        ({"key": "x", "name": "x", "category": "started", "position": -1}, "/position"),
        ({"key": "x", "name": "x", "category": "started", "position": "1"}, "/position"),
        ({"key": "x", "name": "x", "category": "started", "wip_limit": 0}, "/wip_limit"),
    ],
)
async def test_what_is_wrong_is_pointed_at(owner: httpx.AsyncClient, body: dict[str, Any], pointer: str) -> None:
    assert pointers(await owner.post(STATUSES, json=body)) == [pointer]


async def test_ids_and_keys_are_taken_once(owner: httpx.AsyncClient) -> None:
    chosen = str(new_id())
    assert (await add(owner, "review", id=chosen)).json()["id"] == chosen
    assert problem(await add(owner, "other", id=chosen)) == (409, "id_taken")
    for category in ("started", "unstarted"):
        assert problem(await add(owner, "todo", position=0, category=category)) == (409, "status_key_taken")
    assert await order(owner) == [*DEFAULT, "review"]


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (0, ["new", "backlog", "todo", "in_progress", "done", "cancelled"]),
        (3, ["backlog", "todo", "in_progress", "new", "done", "cancelled"]),
        (5, [*DEFAULT, "new"]),
        (49, [*DEFAULT, "new"]),
    ],
)
async def test_a_new_one_makes_place_where_it_stands(
    owner: httpx.AsyncClient, tables: Any, position: int, expected: list[str]
) -> None:
    made = await add(owner, "new", position=position)
    assert made.json()["position"] == expected.index("new")
    assert await order(owner) == expected
    await _each_has_one_fact_of_one_batch(tables, moved=expected[expected.index("new") + 1 :])


async def _each_has_one_fact_of_one_batch(tables: Any, moved: list[str]) -> None:
    """What has happened since the project was made."""
    rows = await tables.fetch(
        "SELECT s.key, e.kind, e.batch_id FROM events e JOIN statuses s ON s.id = e.subject_id"
        " WHERE e.batch_id <> (SELECT batch_id FROM events WHERE kind = 'project.created') ORDER BY e.seq"
    )
    assert sorted(row["key"] for row in rows if row["kind"] == "status.updated") == sorted(moved)
    assert len({row["batch_id"] for row in rows}) <= 1


@pytest.mark.parametrize(
    ("key", "position", "expected"),
    [
        ("backlog", 2, ["todo", "in_progress", "backlog", "done", "cancelled"]),
        ("cancelled", 0, ["cancelled", "backlog", "todo", "in_progress", "done"]),
        ("done", 4, ["backlog", "todo", "in_progress", "cancelled", "done"]),
        ("todo", 1, DEFAULT),
        ("cancelled", 30, DEFAULT),
        ("backlog", 30, ["todo", "in_progress", "done", "cancelled", "backlog"]),
    ],
)
async def test_a_position_moves_it_and_those_between(
    owner: httpx.AsyncClient, tables: Any, key: str, position: int, expected: list[str]
) -> None:
    answer = await owner.patch(await path_of(owner, key), json={"position": position})
    assert (answer.status_code, answer.json()["position"]) == (200, expected.index(key))
    assert await order(owner) == expected
    moved = [key for at, key in enumerate(DEFAULT) if expected[at] != key]
    await _each_has_one_fact_of_one_batch(tables, moved)
    for name in DEFAULT:
        assert (await status(owner, name))["version"] == (2 if name in moved else 1)


async def test_everything_at_once_is_one_fact_of_it(owner: httpx.AsyncClient, tables: Any) -> None:
    before = await status(owner, "cancelled")
    path = f"{STATUSES}/{before['id']}"
    body = {"name": "Dropped", "wip_limit": 9, "position": 3, "category": "done"}
    changed = await owner.patch(path, json=body, headers={"If-Match": '"1"'})
    assert (changed.json(), changed.headers["etag"]) == ({**before, **body, "version": 2}, '"2"')
    assert (await owner.get(path)).json() == changed.json()
    told = (await entries(tables, before["id"]))[1:]
    assert [entry.kind for entry in told] == ["status.updated"]
    assert told[0].changes == {
        "name": ["Cancelled", "Dropped"],
        "wip_limit": [None, 9],
        "position": [4, 3],
        "category": ["cancelled", "done"],
    }
    assert (await owner.patch(path, json={"wip_limit": None})).json()["wip_limit"] is None


@pytest.mark.parametrize("body", [{}, {"name": "To do"}, {"position": 1, "category": "unstarted", "wip_limit": None}])
async def test_nothing_to_change_changes_nothing(owner: httpx.AsyncClient, tables: Any, body: dict[str, Any]) -> None:
    before = await status(owner, "todo")
    answer = await owner.patch(f"{STATUSES}/{before['id']}", json=body)
    assert (answer.status_code, answer.json()) == (200, before)
    assert await kinds(tables, before["id"]) == ["status.created"]


@pytest.mark.parametrize("field", ["key", "id", "version", "project_id"])
async def test_what_never_changes_is_no_field_of_a_change(owner: httpx.AsyncClient, field: str) -> None:
    assert pointers(await owner.patch(await path_of(owner, "todo"), json={field: "x"})) == [f"/{field}"]


async def test_a_category_changes_while_no_task_is_in_it(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    task = await make.task(web, status="in_progress")
    path = await path_of(owner, "in_progress")
    assert problem(await owner.patch(path, json={"category": "unstarted"})) == (409, "status_in_use")
    assert (await owner.patch(path, json={"category": "started", "name": "Doing"})).json()["name"] == "Doing"
    await owner.delete(f"/api/v1/tasks/{task['key']}")
    assert problem(await owner.patch(path, json={"category": "unstarted"})) == (409, "status_in_use")
    await owner.delete(f"/api/v1/tasks/{task['key']}?permanent=true")
    assert (await owner.patch(path, json={"category": "unstarted"})).json()["category"] == "unstarted"
    assert (await make.task(web, status="in_progress"))["status_category"] == "unstarted"


async def test_the_last_one_that_tasks_can_start_in_stays_open(owner: httpx.AsyncClient) -> None:
    for key in ("backlog", "todo"):
        assert (await owner.patch(await path_of(owner, key), json={"category": "done"})).status_code == 200
    closing = await owner.patch(await path_of(owner, "in_progress"), json={"category": "cancelled"})
    assert problem(closing) == (409, "last_open_status")
    assert (await owner.patch(await path_of(owner, "in_progress"), json={"category": "backlog"})).status_code == 200


async def test_a_new_task_starts_in_the_first_open_one_where_none_is_unstarted(
    owner: httpx.AsyncClient, web: MadeProject
) -> None:
    """Also when a closed one stands further left."""
    await owner.patch(await path_of(owner, "todo"), json={"category": "started", "position": 4})
    await owner.patch(await path_of(owner, "done"), json={"position": 0})
    await owner.delete(await path_of(owner, "backlog"))
    made = await owner.post(web.tasks_path, json={"title": "x"})
    assert (made.json()["status"], made.json()["completed_at"]) == ("in_progress", None)


async def test_a_stale_version_changes_and_deletes_nothing(owner: httpx.AsyncClient) -> None:
    before, stale = await status(owner, "cancelled"), {"If-Match": '"7"'}
    path = f"{STATUSES}/{before['id']}"
    for answer in (
        await owner.patch(path, json={"position": 0}, headers=stale),
        await owner.delete(path, headers=stale),
    ):
        assert problem(answer) == (412, "precondition_failed")
        assert answer.json()["current"] == before
    assert await order(owner) == DEFAULT


async def test_an_archived_project_keeps_its_statuses_as_they_are(owner: httpx.AsyncClient) -> None:
    path = await path_of(owner, "cancelled")
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    for answer in (await add(owner, "new"), await owner.patch(path, json={"name": "x"}), await owner.delete(path)):
        assert problem(answer) == (409, "project_archived")
    assert await order(owner) == DEFAULT


@pytest.mark.parametrize("role", [role for role in ProjectRole if role is not ProjectRole.OWNER])
async def test_who_writes_tasks_writes_statuses(
    role: ProjectRole, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    answer = await add(client_for(await make.member(web, role)), "new")
    if role in {ProjectRole.EDITOR, ProjectRole.ADMIN}:
        assert answer.status_code == 201
    else:
        assert problem(answer) == (403, "forbidden")
        assert "status:write" in answer.json()["detail"]


async def test_a_project_has_fifty_at_most(owner: httpx.AsyncClient, web: MadeProject, tables: Any) -> None:
    await tables.execute(
        "INSERT INTO statuses (id, project_id, key, name, category, position)"
        " SELECT gen_random_uuid(), $1, 's' || n, 's', 'done', n FROM generate_series(5, 48) n",
        web.id,
    )
    assert (await add(owner, "last", position=0)).status_code == 201
    assert problem(await add(owner, "more", position=0)) == (409, "too_many_statuses")


async def test_a_dry_run_makes_none(owner: httpx.AsyncClient) -> None:
    body = {"key": "new", "name": "New", "category": "done", "position": 0}
    tried = await owner.post(STATUSES, json=body, headers={"Prefer": "validate-only"})
    assert (tried.status_code, tried.json()["position"]) == (201, 0)
    assert await order(owner) == DEFAULT
