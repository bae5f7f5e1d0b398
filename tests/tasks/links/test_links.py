"""Links are seen from both of their tasks, by whoever sees both, and nothing ever waits for itself."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from dirty_equals import IsDatetime

from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from taskapi.tasks.links import queries
from tests.conftest import ClientFor
from tests.support.answers import column, faults, problem, walk
from tests.support.change_log import entries
from tests.support.databases import connect
from tests.support.factory import Factory, MadeProject

WEB_1, WEB_2 = "/api/v1/tasks/WEB-1", "/api/v1/tasks/WEB-2"


@pytest.fixture
async def three(web: MadeProject, make: Factory) -> list[dict[str, Any]]:
    return [await make.task(web, f"Task {n}") for n in range(1, 4)]


async def post(client: httpx.AsyncClient, source: str, target: str, type: str = "blocks") -> httpx.Response:  # noqa: A002
    return await client.post(f"/api/v1/tasks/{source}/links", json={"type": type, "task_id": target})


async def test_a_link_is_seen_from_both_sides(
    three: list[dict[str, Any]], web: MadeProject, owner: httpx.AsyncClient, tables: Any
) -> None:
    made = await post(owner, "WEB-1", three[1]["id"])
    link = made.json()
    assert link == {
        "id": link["id"],
        "type": "blocks",
        "direction": "outgoing",
        "task_id": three[1]["id"],
        "task": {
            "id": three[1]["id"],
            "key": "WEB-2",
            "title": "Task 2",
            "status": "todo",
            "status_category": "unstarted",
        },
        "created_at": IsDatetime(iso_string=True),
        "version": 1,
    }
    assert (made.status_code, made.headers["location"]) == (201, f"{WEB_1}/links/{link['id']}")
    found = await owner.get(made.headers["location"])
    assert (found.json(), found.headers["etag"]) == (link, made.headers["etag"])
    [seen] = (await owner.get(f"{WEB_2}/links")).json()["items"]
    assert (seen["id"], seen["direction"], seen["task"]["key"]) == (link["id"], "incoming", "WEB-1")
    [told] = await entries(tables, link["id"])
    assert (told.kind, told.project_id, told.subject_key) == ("link.created", web.id, "WEB-1")
    assert told.changes["source_id"] == [None, three[0]["id"]]
    assert told.changes["target_id"] == [None, three[1]["id"]]


async def test_they_are_listed_by_age(three: list[dict[str, Any]], owner: httpx.AsyncClient) -> None:
    for target, type in (("WEB-3", "blocks"), ("WEB-2", "duplicates"), ("WEB-2", "blocks"), ("WEB-3", "relates_to")):  # noqa: A001
        assert (await post(owner, "WEB-1", target, type)).status_code == 201
    listed = await walk(owner, f"{WEB_1}/links", limit=3)
    assert [(link["task"]["key"], link["type"]) for link in listed] == [
        ("WEB-3", "blocks"),
        ("WEB-2", "duplicates"),
        ("WEB-2", "blocks"),
        ("WEB-3", "relates_to"),
    ]
    assert (await owner.get(f"{WEB_1}/links?include=total&limit=1")).json()["total"] == 4


@pytest.mark.parametrize("type", ["blocks", "relates_to", "duplicates"])
async def test_there_are_no_twins(type: str, three: list[dict[str, Any]], owner: httpx.AsyncClient) -> None:  # noqa: A002
    assert (await post(owner, "WEB-1", "WEB-2", type)).status_code == 201
    assert problem(await post(owner, "WEB-1", "WEB-2", type)) == (409, "link_exists")
    back = "dependency_cycle" if type == "blocks" else "link_exists"
    assert problem(await post(owner, "WEB-2", "WEB-1", type)) == (409, back)


async def test_nothing_waits_for_itself(
    three: list[dict[str, Any]], web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(await make.project(web.owner, "OTHER"))
    for source, target in (("WEB-1", "WEB-2"), ("WEB-2", "OTHER-1"), ("OTHER-1", "WEB-3"), ("WEB-1", "WEB-3")):
        assert (await post(owner, source, target)).status_code == 201
    assert problem(await post(owner, "WEB-3", "WEB-1")) == (409, "dependency_cycle")
    assert (await post(owner, "WEB-3", "WEB-1", "relates_to")).status_code == 201
    assert faults(await post(owner, "WEB-1", "WEB-1")) == [("/task_id", "same_task")]
    [between] = [link for link in await walk(owner, f"{WEB_2}/links") if link["direction"] == "outgoing"]
    await owner.delete(f"{WEB_2}/links/{between['id']}")
    assert problem(await post(owner, "WEB-3", "WEB-1")) == (409, "dependency_cycle")  # WEB-1 blocks it directly, too


async def test_who_is_blocked_is_found_until_nothing_open_blocks_it(
    three: list[dict[str, Any]], owner: httpx.AsyncClient
) -> None:
    await post(owner, "WEB-1", "WEB-2")
    await post(owner, "WEB-3", "WEB-2", "relates_to")

    async def found(value: str) -> list[str]:
        keys = sorted(column(await owner.get(f"/api/v1/projects/WEB/tasks?blocked={value}"), "key"))
        in_words = {"filter": "is:blocked" if value == "true" else "-is:blocked"}
        assert sorted(column(await owner.get("/api/v1/projects/WEB/tasks", params=in_words), "key")) == keys
        return keys

    assert (await found("true"), await found("false")) == (["WEB-2"], ["WEB-1", "WEB-3"])
    await owner.post(f"{WEB_1}/complete")
    assert await found("true") == []
    await owner.post(f"{WEB_1}/reopen")
    assert await found("true") == ["WEB-2"]
    await owner.delete(WEB_1)
    assert await found("true") == []


async def test_a_task_in_the_trash_takes_its_links_out_of_sight_and_back(
    three: list[dict[str, Any]], owner: httpx.AsyncClient, tables: Any
) -> None:
    link = (await post(owner, "WEB-1", "WEB-2")).json()
    await owner.delete(WEB_1)
    assert column(await owner.get(f"{WEB_2}/links"), "id") == []
    assert problem(await owner.get(f"{WEB_2}/links/{link['id']}")) == (404, "not_found")
    assert faults(await post(owner, "WEB-3", "WEB-1")) == [("/task_id", "unknown_task")]
    await owner.post(f"{WEB_1}/restore")
    assert column(await owner.get(f"{WEB_2}/links"), "id") == [link["id"]]
    await owner.delete(f"{WEB_1}?permanent=true")
    assert await tables.fetchval("SELECT count(*) FROM task_links") == 0


async def test_between_projects_both_are_told_and_a_move_keeps_the_link(
    three: list[dict[str, Any]], web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    other = await make.project(web.owner, "OTHER")
    link = (await post(owner, "WEB-1", "WEB-2")).json()
    await owner.post(f"{WEB_2}/move", json={"project": "OTHER"})
    [moved] = (await owner.get(f"{WEB_1}/links")).json()["items"]
    assert (moved["id"], moved["task"]["key"]) == (link["id"], "OTHER-1")
    gone = await owner.delete(f"/api/v1/tasks/OTHER-1/links/{link['id']}", headers={"If-Match": '"1"'})
    assert gone.status_code == 204
    told = (await entries(tables, link["id"]))[1:]
    assert {(entry.kind, entry.project_id, entry.subject_key) for entry in told} == {
        ("link.deleted", web.id, "WEB-1"),
        ("link.deleted", other.id, "OTHER-1"),
    }
    assert len(told) == 2
    assert problem(await owner.delete(f"{WEB_1}/links/{link['id']}")) == (404, "not_found")


@pytest.mark.parametrize(
    ("there", "makes", "sees"),
    [(None, 422, False), (ProjectRole.VIEWER, 403, True), (ProjectRole.EDITOR, 201, True)],
)
async def test_another_project_is_linked_by_who_writes_and_seen_by_who_reads_both(
    there: ProjectRole | None,
    makes: int,
    sees: bool,
    three: list[dict[str, Any]],
    web: MadeProject,
    make: Factory,
    owner: httpx.AsyncClient,
    client_for: ClientFor,
) -> None:
    other = await make.project(web.owner, "OTHER")
    await make.task(other)
    person = await make.member(web, ProjectRole.EDITOR)
    if there is not None:
        await make.member(other, there, person)
    client = client_for(person)
    assert (await post(client, "WEB-1", "OTHER-1")).status_code == makes
    link = (await post(owner, "WEB-2", "OTHER-1")).json()
    assert column(await client.get(f"{WEB_2}/links"), "id") == ([link["id"]] if sees else [])
    assert (await client.get(f"{WEB_2}/links/{link['id']}")).status_code == (200 if sees else 404)
    # Who writes this task is not bound by a link to another.
    assert (await client.delete(f"{WEB_2}/links/{link['id']}")).status_code == (204 if sees else 404)


async def test_an_archived_project_gets_no_links_but_can_be_freed_of(
    three: list[dict[str, Any]], web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(await make.project(web.owner, "OTHER"))
    link = (await post(owner, "WEB-1", "OTHER-1")).json()
    await owner.patch("/api/v1/projects/OTHER", json={"archived": True})
    for source, target in (("WEB-2", "OTHER-1"), ("OTHER-1", "WEB-2")):
        assert problem(await post(owner, source, target)) == (409, "project_archived")
    assert problem(await owner.delete(f"/api/v1/tasks/OTHER-1/links/{link['id']}")) == (409, "project_archived")
    assert (await owner.delete(f"{WEB_1}/links/{link['id']}")).status_code == 204


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"type": "blocks"}, ("/task_id", "missing")),
        ({"type": "hinders", "task_id": "WEB-2"}, ("/type", "enum")),
        ({"type": "blocks", "task_id": "WEB-99"}, ("/task_id", "unknown_task")),
        ({"type": "blocks", "task_id": "no name"}, ("/task_id", "unknown_task")),
        ({"type": "blocks", "task_id": None}, ("/task_id", "string_type")),
    ],
)
async def test_what_is_wrong_is_pointed_at(
    body: dict[str, Any], fault: tuple[str, str], three: list[dict[str, Any]], owner: httpx.AsyncClient
) -> None:
    assert faults(await owner.post(f"{WEB_1}/links", json=body)) == [fault]


async def test_a_task_has_a_hundred_links(
    three: list[dict[str, Any]], web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    others = [UUID((await make.task(web))["id"]) for _ in range(2)]
    await tables.execute(
        "INSERT INTO tasks (id, project_id, number, title, status, status_category, rank, created_by, created_at,"
        " updated_at) SELECT gen_random_uuid(), $1, n, 'T', 'todo', 'unstarted', n::text, $2, now(), now()"
        " FROM generate_series(101, 199) AS n",
        *(web.id, web.owner.id),
    )
    await tables.execute(
        "INSERT INTO task_links (id, source_id, target_id, type, created_at)"
        " SELECT gen_random_uuid(), id, $1, 'blocks', now() FROM tasks WHERE number > 100",
        UUID(three[0]["id"]),
    )
    assert (await post(owner, str(others[0]), "WEB-1")).status_code == 201
    for source, target in (("WEB-1", str(others[1])), (str(others[1]), "WEB-1")):
        assert problem(await post(owner, source, target)) == (409, "too_many_links")


async def test_the_walk_ends(
    three: list[dict[str, Any]], owner: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(owner, "WEB-2", "WEB-3")
    monkeypatch.setattr(queries, "FARTHEST", 0)
    assert problem(await post(owner, "WEB-1", "WEB-2")) == (409, "too_many_links")


async def test_an_id_is_taken_once(three: list[dict[str, Any]], owner: httpx.AsyncClient) -> None:
    body = {"id": str(new_id()), "type": "blocks", "task_id": "WEB-2"}
    assert (await owner.post(f"{WEB_1}/links", json=body)).json()["id"] == body["id"]
    assert problem(await owner.post(f"{WEB_1}/links", json=body | {"task_id": "WEB-3"})) == (409, "id_taken")


@pytest.mark.slow
async def test_two_halves_of_a_circle_never_meet(live: Factory, database_url: str) -> None:
    """Twenty times, four tasks of four projects: no task and no project is in both requests."""
    owner = await live.user()
    tasks = [[await live.task(project) for _ in range(20)] for project in [await live.project(owner) for _ in range(4)]]
    client = live.client(owner)
    for a, b, c, d in zip(*tasks, strict=True):
        for source, target in ((a, b), (c, d)):
            assert (await post(client, source["id"], target["id"])).status_code == 201
        halves = await asyncio.gather(post(client, b["id"], c["id"]), post(client, d["id"], a["id"]))
        assert sorted(half.status_code for half in halves) == [201, 409]
    driver = await connect(database_url)
    assert await driver.fetchval("SELECT count(*) FROM task_links") == 60
    await driver.close()
    await client.aclose()


@pytest.mark.slow
async def test_of_twins_at_once_one_is_made_and_one_ends_once(live: Factory) -> None:
    project = await live.project(key="WEB")
    for _ in range(2):
        await live.task(project)
    client = live.client(project.owner)
    made = await asyncio.gather(*(post(client, f"WEB-{1 + n % 2}", f"WEB-{2 - n % 2}", "relates_to") for n in range(8)))
    assert sorted(answer.status_code for answer in made) == [201] + [409] * 7, [answer.text for answer in made]
    [link] = await walk(client, f"{WEB_1}/links")
    gone = await asyncio.gather(*(client.delete(f"{WEB_1}/links/{link['id']}") for _ in range(8)))
    assert sorted(answer.status_code for answer in gone) == [204] + [404] * 7, [answer.text for answer in gone]
    await client.aclose()
