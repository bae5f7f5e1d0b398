"""However many change the columns at once, each has a place of its own, and every task a column that is there."""

import asyncio
from itertools import pairwise

import httpx
import pytest

from taskapi.core.http import transaction
from tests.adversity.observing import until_somebody_waits_for_a_lock
from tests.projects.statuses.conftest import DEFAULT, STATUSES, add, order, path_of
from tests.support.answers import column, problem
from tests.support.databases import connect
from tests.support.factory import Factory

pytestmark = pytest.mark.slow


async def client_of_web(live: Factory) -> httpx.AsyncClient:
    return live.client((await live.project(key="WEB")).owner)


async def test_many_who_reorder_at_once_leave_an_order(live: Factory, database_url: str) -> None:
    client = await client_of_web(live)
    paths = [await path_of(client, key) for key in DEFAULT]
    for shift in range(6):
        answers = await asyncio.gather(
            *(client.patch(path, json={"position": (at + shift) % 5}) for at, path in enumerate(paths)),
            add(client, f"new{shift}", position=shift),
        )
        assert {answer.status_code for answer in answers} == {200, 201}
        assert sorted(await order(client)) == sorted([*DEFAULT, *(f"new{n}" for n in range(shift + 1))])
    await _each_position_follows_from_the_last(database_url)


async def _each_position_follows_from_the_last(database_url: str) -> None:
    tables = await connect(database_url)
    rows = await tables.fetch(
        "SELECT subject_id, (changes->'position'->>0)::int AS before, (changes->'position'->>1)::int AS after"
        " FROM events WHERE changes ? 'position' ORDER BY subject_id, xid, seq"
    )
    await tables.close()
    assert len(rows) > 11
    for one, next_one in pairwise(rows):
        if one["subject_id"] == next_one["subject_id"]:
            assert next_one["before"] == one["after"]


async def test_of_two_who_delete_a_status_one_is_too_late(live: Factory) -> None:
    client = await client_of_web(live)
    path = await path_of(client, "cancelled")
    answers = await asyncio.gather(client.delete(path), client.delete(path))
    assert sorted(answer.status_code for answer in answers) == [204, 404]
    assert await order(client) == DEFAULT[:-1]


async def test_two_that_should_take_each_others_tasks_do_not_both_go(live: Factory) -> None:
    project = await live.project(key="WEB")
    client = live.client(project.owner)
    for key in ("todo", "in_progress"):
        await live.task(project, status=key)
    todo, doing = await path_of(client, "todo"), await path_of(client, "in_progress")
    answers = await asyncio.gather(client.delete(f"{todo}?move_to=in_progress"), client.delete(f"{doing}?move_to=todo"))
    assert sorted(answer.status_code for answer in answers) == [204, 422]
    [left] = {*await order(client)} & {"todo", "in_progress"}
    assert column(await client.get(project.tasks_path), "status") == [left, left]


async def test_of_the_last_two_open_ones_one_stays(live: Factory) -> None:
    client = await client_of_web(live)
    await client.delete(await path_of(client, "backlog"))
    answers = await asyncio.gather(
        client.delete(await path_of(client, "todo")), client.delete(await path_of(client, "in_progress"))
    )
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    assert {"todo", "in_progress"} & {*await order(client)}


async def test_a_task_that_enters_at_that_moment_is_moved_or_refused(live: Factory) -> None:
    """Made in it, moved into it, or put into the default that it was: whoever comes first, no task is left behind."""
    project = await live.project(key="WEB")
    client = live.client(project.owner)
    for turn in range(15):
        assert (await add(client, f"s{turn}", "unstarted", position=0)).status_code == 201
        task = await live.task(project, status="done")
        made, default, moved, deleted = await asyncio.gather(
            client.post(project.tasks_path, json={"title": "named", "status": f"s{turn}"}),
            client.post(project.tasks_path, json={"title": "default"}),
            client.patch(f"/api/v1/tasks/{task['key']}", json={"status": f"s{turn}"}),
            client.delete(f"{await path_of(client, f's{turn}')}?move_to=backlog"),
        )
        assert deleted.status_code == 204
        assert default.status_code == 201, default.text
        assert made.status_code == 201 or problem(made) == (422, "validation_error")
        assert moved.status_code == 200 or problem(moved) == (422, "validation_error")
    statuses = column(await client.get(f"{project.tasks_path}?limit=200"), "status")
    assert set(statuses) <= {"backlog", "todo", "done"}


async def test_who_removes_a_status_waits_for_whoever_is_entering_it_and_takes_them_along(
    live: Factory, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first try: to find out at the end, with thousands of tasks moved, would be to move them all again."""
    monkeypatch.setattr(transaction, "_ATTEMPTS", 1)
    project = await live.project(key="WEB")
    client, task = live.client(project.owner), await live.task(project, status="backlog")
    path = await path_of(client, "todo")
    entering = await connect(database_url)
    async with entering.transaction():
        await entering.execute("UPDATE tasks SET status = 'todo', status_category = 'unstarted'")
        removing = asyncio.create_task(client.delete(f"{path}?move_to=in_progress"))
        await until_somebody_waits_for_a_lock(database_url)
    await entering.close()
    assert (await removing).status_code == 204
    assert (await client.get(f"/api/v1/tasks/{task['key']}")).json()["status"] == "in_progress"


async def test_a_category_that_changes_at_that_moment_is_that_of_its_tasks(live: Factory) -> None:
    project = await live.project(key="WEB")
    client = live.client(project.owner)
    for turn in range(15):
        assert (await add(client, f"s{turn}", "started")).status_code == 201
        path = await path_of(client, f"s{turn}")
        made, changed = await asyncio.gather(
            client.post(project.tasks_path, json={"title": "x", "status": f"s{turn}"}),
            client.patch(path, json={"category": "done"}),
        )
        assert made.status_code == 201
        assert changed.status_code == 200 or problem(changed) == (409, "status_in_use")
        task = (await client.get(f"/api/v1/tasks/{made.json()['key']}")).json()
        assert task["status_category"] == (await client.get(path)).json()["category"]
        assert (task["completed_at"] is None) == (task["status_category"] == "started")


async def test_writers_of_tasks_and_of_their_status_do_not_lock_each_other_out(live: Factory) -> None:
    """The one holds the task and asks for its new status; the other holds the status and asks for its tasks."""
    project = await live.project(key="WEB")
    client = live.client(project.owner)
    tasks = [await live.task(project, status="todo") for _ in range(6)]
    for source, target in (("todo", "in_progress"), ("in_progress", "backlog")):
        answers = await asyncio.gather(
            client.delete(f"{await path_of(client, source)}?move_to={target}"),
            *(client.patch(f"/api/v1/tasks/{task['key']}", json={"status": "done"}) for task in tasks[:3]),
            *(client.patch(f"/api/v1/tasks/{task['key']}", json={"title": "y"}) for task in tasks[3:]),
        )
        assert {answer.status_code for answer in answers} == {200, 204}, [answer.text for answer in answers]
    assert STATUSES in str(answers[0].request.url)
