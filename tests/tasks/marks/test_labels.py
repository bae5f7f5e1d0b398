"""Tasks carry labels of their project, are found by them, and lose those that are deleted."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from taskapi.models import ProjectRole
from taskapi.tasks.departures import queries
from tests.adversity.observing import until_somebody_waits_for_a_lock
from tests.conftest import ClientFor
from tests.support.answers import faults, pointers, problem, titles
from tests.support.beside_tasks import require_true
from tests.support.change_log import entries, kinds
from tests.support.databases import connect
from tests.support.factory import Factory, MadeProject
from tests.support.marks import WEB, label
from tests.support.statements import Counting

TASKS = f"{WEB}/tasks"
WEB_1 = "/api/v1/tasks/WEB-1"


async def labelled(client: httpx.AsyncClient, title: str, *ids: str) -> dict[str, Any]:
    answer = await client.post(TASKS, json={"title": title, "label_ids": ids})
    assert answer.status_code == 201, answer.text
    task: dict[str, Any] = answer.json()
    return task


async def test_a_task_is_made_with_labels_and_shows_them_in_full(owner: httpx.AsyncClient, tables: Any) -> None:
    urgent, bug = await label(owner, "urgent"), await label(owner, "bug")
    task = await labelled(owner, "A", urgent, bug, urgent)
    assert task["label_ids"] == [urgent, bug]
    expanded = (await owner.get(f"{WEB_1}?expand=labels")).json()
    assert expanded["labels"] == [
        {"id": i, "name": n, "color": "#d73a4a"} for i, n in ((urgent, "urgent"), (bug, "bug"))
    ]
    assert (await owner.get(f"{TASKS}?expand=labels")).json()["items"][0]["labels"] == expanded["labels"]
    [created] = await entries(tables, task["id"])
    assert created.changes["label_ids"] == [None, [urgent, bug]]


async def test_a_patch_replaces_them_and_is_one_fact(owner: httpx.AsyncClient, tables: Any) -> None:
    one, two = await label(owner, "one"), await label(owner, "two")
    task = await labelled(owner, "A", one)
    answer = await owner.patch(WEB_1, json={"label_ids": [two, one]})
    assert (answer.json()["label_ids"], answer.json()["version"]) == ([two, one], 2)
    assert (await owner.patch(WEB_1, json={"label_ids": [two, one]})).json()["version"] == 2
    assert (await owner.patch(WEB_1, json={"label_ids": []})).json()["label_ids"] == []
    told = [entry.changes.get("label_ids") for entry in await entries(tables, task["id"])]
    assert told == [[None, [one]], [[one], [two, one]], [[two, one], []]]
    await require_true(tables)


async def test_a_label_of_nowhere_or_of_another_project_is_pointed_at(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    await make.project(web.owner, "OPS")
    foreign = await label(owner, "bug", "/api/v1/projects/OPS")
    mine = await label(owner, "bug")
    await make.task(web)
    for wrong in (foreign, str(uuid4())):
        for answer in (
            await owner.post(TASKS, json={"title": "A", "label_ids": [mine, wrong]}),
            await owner.patch(WEB_1, json={"label_ids": [mine, wrong]}),
        ):
            assert faults(answer) == [("/label_ids/1", "unknown_label")]
    assert pointers(await owner.patch(WEB_1, json={"label_ids": None})) == ["/label_ids"]
    assert pointers(await owner.patch(WEB_1, json={"label_ids": [str(uuid4())] * 101})) == ["/label_ids"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("label={bug}", ["both", "bug"]),
        ("label={bug}&label={ui}", ["both", "bug", "ui"]),
        ("label=BUG", ["both", "bug"]),
        ("label=User%20Interface", ["both", "ui"]),
        ("label=bug&label=user interface", ["both", "bug", "ui"]),
        ("label=none", ["plain"]),
        ("label=none&label={ui}", ["both", "plain", "ui"]),
        ("label=none&label=bug&label={ui}", ["both", "bug", "plain", "ui"]),
        ("label=nothing%20like%20it", []),
        ("label=bug&status=done", []),
    ],
)
async def test_tasks_are_found_by_label(query: str, expected: list[str], owner: httpx.AsyncClient) -> None:
    bug, ui = await label(owner, "Bug"), await label(owner, "user interface")
    for title, ids in (("bug", [bug]), ("ui", [ui]), ("both", [ui, bug]), ("plain", [])):
        await labelled(owner, title, *ids)
    asked = query.format(bug=bug, ui=ui)
    for path in (TASKS, "/api/v1/tasks"):
        assert sorted(titles(await owner.get(f"{path}?{asked}"))) == expected


async def test_a_share_link_takes_names_and_ids(
    owner: httpx.AsyncClient, client: httpx.AsyncClient, web: MadeProject
) -> None:
    bug = await label(owner, "Bug")
    await labelled(owner, "bug", bug)
    await labelled(owner, "plain")
    link = (await owner.post(f"{WEB}/share-links", json={})).json()["token"]
    for asked in (bug, "bug"):
        assert titles(await client.get(f"/api/v1/shared/{link}/tasks?label={asked}")) == ["bug"]


async def test_a_deleted_label_comes_off_every_task_those_in_the_trash_too(
    owner: httpx.AsyncClient, tables: Any
) -> None:
    bug, ui = await label(owner, "bug"), await label(owner, "ui")
    tasks = [await labelled(owner, f"{n}", ui, bug) for n in range(3)]
    other = await labelled(owner, "other", ui)
    await owner.delete(WEB_1)
    assert (await owner.delete(f"{WEB}/labels/{bug}")).status_code == 204
    for number in (2, 3):
        task = (await owner.get(f"/api/v1/tasks/WEB-{number}")).json()
        assert (task["label_ids"], task["version"]) == ([ui], 2)
    assert (await owner.post(f"{WEB_1}/restore")).json()["label_ids"] == [ui]
    told = (await entries(tables, tasks[1]["id"]))[-1]
    assert (told.kind, told.changes) == ("task.updated", {"label_ids": [[ui, bug], [ui]]})
    gone = (await entries(tables, bug))[-1]
    assert (gone.kind, gone.batch_id) == ("label.deleted", told.batch_id)
    assert await kinds(tables, other["id"]) == ["task.created"]
    await require_true(tables)


@pytest.mark.slow
async def test_more_tasks_than_one_step_lose_it(owner: httpx.AsyncClient, web: MadeProject, tables: Any) -> None:
    bug = await label(owner, "bug")
    await labelled(owner, "first", bug)
    await tables.execute(
        "INSERT INTO tasks (id, project_id, number, title, status, status_category, rank, label_ids, created_by,"
        " created_at, updated_at) SELECT gen_random_uuid(), project_id, n, 'copy', status, status_category, n::text,"
        " label_ids, created_by, now(), now() FROM tasks, generate_series(2, $1) AS n",
        queries.STEP + 2,
    )
    await owner.delete(f"{WEB}/labels/{bug}")
    assert await tables.fetchval("SELECT count(*) FROM tasks WHERE label_ids <> '{}'") == 0
    assert await tables.fetchval("SELECT count(*) FROM task_labels") == 0
    assert await tables.fetchval("SELECT count(*) FROM events WHERE kind = 'task.updated'") == queries.STEP + 2


async def test_a_task_that_moves_takes_labels_along_by_their_names(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, tables: Any
) -> None:
    await make.project(web.owner, "OPS")
    there = await label(owner, "BUG", "/api/v1/projects/OPS")
    here, alone = await label(owner, "bug"), await label(owner, "only here")
    task = await labelled(owner, "A", alone, here)
    moved = await owner.post(f"{WEB_1}/move", json={"project": "OPS"})
    assert (moved.status_code, moved.json()["label_ids"]) == (200, [there])
    assert (await entries(tables, task["id"]))[-1].changes["label_ids"] == [[alone, here], [there]]
    await require_true(tables)


async def test_tasks_without_labels_send_no_statement_about_them(
    owner: httpx.AsyncClient, count_statements: Counting
) -> None:
    async with count_statements() as seen:
        await owner.post(TASKS, json={"title": "A"})
        await owner.patch(WEB_1, json={"title": "B", "status": "done"})
    assert not [text for text in seen if "FROM labels" in text or "milestones" in text or "cycles" in text]


async def test_who_may_not_write_may_not_mark(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    bug = await label(owner, "bug")
    await make.task(web)
    for role in (ProjectRole.VIEWER, ProjectRole.COMMENTER):
        theirs = client_for(await make.member(web, role))
        assert problem(await theirs.patch(WEB_1, json={"label_ids": [bug]})) == (403, "forbidden")
    await owner.patch(WEB, json={"archived": True})
    assert problem(await owner.patch(WEB_1, json={"label_ids": [bug]})) == (409, "project_archived")


@pytest.mark.slow
async def test_no_task_keeps_a_label_that_is_deleted_at_that_moment(live: Factory, database_url: str) -> None:
    project = await live.project(key="WEB")
    client = live.client(project.owner)
    kept = await label(client, "kept")
    for number in range(10):
        bug, task = await label(client, f"bug {number}"), await live.task(project, label_ids=[kept])
        made, patched, deleted = await asyncio.gather(
            client.post(TASKS, json={"title": "New", "label_ids": [bug]}),
            client.patch(f"/api/v1/tasks/{task['key']}", json={"label_ids": [kept, bug]}),
            client.delete(f"{WEB}/labels/{bug}"),
        )
        assert deleted.status_code == 204
        assert made.status_code in {201, 422}
        assert patched.status_code in {200, 422}
    tables = await connect(database_url)
    left = await tables.fetch("SELECT DISTINCT unnest(label_ids)::text AS id FROM tasks")
    await require_true(tables)
    await tables.close()
    assert {row["id"] for row in left} == {kept}


@pytest.mark.slow
async def test_who_deletes_a_label_waits_for_whoever_is_using_it_and_takes_it_off(
    live: Factory, database_url: str
) -> None:
    project = await live.project(key="WEB")
    client = live.client(project.owner)
    bug = await label(client, "bug")
    await live.task(project)
    tagging = await connect(database_url)
    async with tagging.transaction():
        await tagging.execute("SELECT FROM labels WHERE id = $1 FOR KEY SHARE", bug)
        await tagging.execute("UPDATE tasks SET label_ids = ARRAY[$1::uuid]", bug)
        deletion = asyncio.create_task(client.delete(f"{WEB}/labels/{bug}"))
        await until_somebody_waits_for_a_lock(database_url)
    await tagging.close()
    assert (await deletion).status_code == 204
    assert (await client.get(WEB_1)).json()["label_ids"] == []


@pytest.mark.slow
async def test_who_uses_a_label_waits_for_whoever_is_deleting_it_and_is_refused(
    live: Factory, database_url: str
) -> None:
    project = await live.project(key="WEB")
    client = live.client(project.owner)
    bug = await label(client, "bug")
    deleting = await connect(database_url)
    async with deleting.transaction():
        await deleting.execute("DELETE FROM labels")
        tagging = asyncio.create_task(client.post(TASKS, json={"title": "Late", "label_ids": [bug]}))
        await until_somebody_waits_for_a_lock(database_url)
    await deleting.close()
    assert faults(await tagging) == [("/label_ids/0", "unknown_label")]
