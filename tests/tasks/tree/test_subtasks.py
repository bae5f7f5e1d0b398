"""Subtasks hang five levels deep at most, whoever hangs what at once, and their parent tells how far they are."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.support.answers import problem
from tests.support.factory import Factory, MadeProject

TASKS = "/api/v1/projects/WEB/tasks"


async def chain(make: Factory, project: MadeProject, levels: int) -> list[dict[str, Any]]:
    """A task, and so many one below the other."""
    made = [await make.task(project)]
    for _ in range(levels):
        made.append(await make.task(project, parent_id=made[-1]["id"]))
    return made


async def hang(client: httpx.AsyncClient, task: dict[str, Any], parent: dict[str, Any]) -> httpx.Response:
    return await client.patch(f"/api/v1/tasks/{task['id']}", json={"parent_id": parent["id"]})


async def test_the_sixth_level_is_too_deep(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    lowest = (await chain(make, web, 5))[-1]
    refused = await owner.post(TASKS, json={"title": "T", "parent_id": lowest["id"]})
    assert problem(refused) == (409, "too_deep")
    single = await make.task(web)
    assert problem(await hang(owner, single, lowest)) == (409, "too_deep")


@pytest.mark.parametrize(("below", "status"), [(2, 200), (3, 409)])
async def test_what_hangs_below_a_task_counts_when_it_is_hung_elsewhere(
    below: int, status: int, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    target = (await chain(make, web, 2))[-1]
    moved = await chain(make, web, below)
    assert (await hang(owner, moved[0], target)).status_code == status


async def test_subtasks_in_the_trash_count_for_they_may_return(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    target = (await chain(make, web, 4))[-1]
    top, below = await chain(make, web, 1)
    await owner.delete(f"/api/v1/tasks/{below['id']}")
    assert problem(await hang(owner, top, target)) == (409, "too_deep")


async def test_a_parent_tells_how_many_of_its_subtasks_are_done(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    parent, child = await chain(make, web, 1)
    await make.task(web, parent_id=child["id"], status="done")  # is a subtask of the subtask
    await make.task(web, parent_id=parent["id"], status="done")
    await make.task(web, parent_id=parent["id"], status="cancelled")
    trashed = await make.task(web, parent_id=parent["id"])
    await owner.delete(f"/api/v1/tasks/{trashed['id']}")
    expanded = (await owner.get(f"/api/v1/tasks/{parent['id']}?expand=progress")).json()
    assert expanded == {**(await owner.get("/api/v1/tasks/WEB-1")).json(), "progress": {"total": 2, "done": 1}}
    listed = (await owner.get(f"{TASKS}?expand=progress,checklist&sort=number")).json()["items"]
    assert [item["progress"] for item in listed[:3]] == [
        {"total": 2, "done": 1},
        {"total": 1, "done": 1},
        {"total": 0, "done": 0},
    ]


async def test_subtasks_of_a_completed_task_stay_as_they_are(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    _, child = await chain(make, web, 1)
    await owner.post("/api/v1/tasks/WEB-1/complete")
    assert (await owner.get("/api/v1/tasks/WEB-2")).json() == child


@pytest.mark.slow
async def test_two_at_once_cannot_pass_the_depth_together(live: Factory) -> None:
    """Each alone leaves five levels at most; any two together would be six, or a circle."""
    project = await live.project()
    client = live.client(project.owner)
    for _ in range(5):
        upper, middle, lower = [await chain(live, project, levels) for levels in (2, 0, 2)]
        answers = await asyncio.gather(
            hang(client, middle[0], upper[-1]), hang(client, lower[0], middle[0]), hang(client, upper[0], lower[-1])
        )
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200, 409, 409], [answer.text for answer in answers]
    await client.aclose()


@pytest.mark.slow
async def test_a_subtask_made_while_its_parent_is_hung_lower_is_not_too_deep(live: Factory) -> None:
    project = await live.project()
    client = live.client(project.owner)
    for _ in range(5):
        target = (await chain(live, project, 4))[-1]
        parent = await live.task(project)
        made, hung = await asyncio.gather(
            client.post(project.tasks_path, json={"title": "T", "parent_id": parent["id"]}),
            hang(client, parent, target),
        )
        assert sorted((made.status_code, hung.status_code)) in ([200, 409], [201, 409])
    await client.aclose()


@pytest.mark.slow
async def test_a_subtask_made_while_its_parent_goes_to_the_trash_goes_too_or_is_refused(live: Factory) -> None:
    project = await live.project()
    client = live.client(project.owner)
    for _ in range(5):
        parent = await live.task(project)
        made, gone = await asyncio.gather(
            client.post(project.tasks_path, json={"title": "T", "parent_id": parent["id"]}),
            client.delete(f"/api/v1/tasks/{parent['id']}"),
        )
        assert (gone.status_code, made.status_code) in ((204, 201), (204, 422))
    assert (await client.get(project.tasks_path)).json()["items"] == []
    await client.aclose()
