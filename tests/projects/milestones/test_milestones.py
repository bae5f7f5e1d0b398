"""Milestones are made, read, changed and deleted in their project, and tell how far their tasks are."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from dirty_equals import IsDatetime

from tests.support.answers import column, faults, pointers, problem, titles
from tests.support.change_log import entries
from tests.support.factory import Factory, MadeProject
from tests.support.marks import WEB, made

MILESTONES = f"{WEB}/milestones"
TASKS = f"{WEB}/tasks"
WEB_1 = "/api/v1/tasks/WEB-1"


async def test_a_milestone_is_made_read_changed_and_closed(owner: httpx.AsyncClient, tables: Any) -> None:
    answer = await owner.post(MILESTONES, json={"name": " 1.0 ", "description": "The fair", "due_on": "2027-01-15"})
    milestone = answer.json()
    assert (answer.status_code, milestone) == (
        201,
        {
            "id": milestone["id"],
            "name": "1.0",
            "description": "The fair",
            "due_on": "2027-01-15",
            "closed": False,
            "created_at": IsDatetime(iso_string=True),
            "version": 1,
            "progress": {"total": 0, "done": 0},
        },
    )
    path = answer.headers["location"]
    assert (await owner.get(path)).json() == milestone
    patched = await owner.patch(path, json={"closed": True, "due_on": None}, headers={"If-Match": '"1"'})
    assert patched.json() == {**milestone, "closed": True, "due_on": None, "version": 2}
    told = await entries(tables, milestone["id"])
    assert told[0].changes == {name: [None, value] for name, value in milestone.items() if name != "progress"}
    assert told[1].changes == {"closed": [False, True], "due_on": ["2027-01-15", None]}
    assert problem(await owner.patch(path, json={"name": "x"}, headers={"If-Match": '"1"'})) == (
        412,
        "precondition_failed",
    )


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": "x", "due_on": "soon"}, "/due_on"),
        ({"name": "x", "progress": {}}, "/progress"),
        ({"name": "x", "closed": True}, "/closed"),
    ],
)
async def test_what_is_wrong_is_pointed_at(owner: httpx.AsyncClient, body: dict[str, Any], pointer: str) -> None:
    assert pointers(await owner.post(MILESTONES, json=body)) == [pointer]


async def test_a_name_is_taken_whatever_its_case(owner: httpx.AsyncClient) -> None:
    await made(owner, "milestones", name="Beta")
    assert problem(await owner.post(MILESTONES, json={"name": "bETA"})) == (409, "milestone_name_taken")


async def test_they_are_listed_by_their_day_and_those_without_come_last(owner: httpx.AsyncClient) -> None:
    for name, day in (("some day", None), ("late", "2027-03-01"), ("soon", "2027-01-01")):
        await made(owner, "milestones", name=name, due_on=day)
    assert column(await owner.get(MILESTONES), "name") == ["soon", "late", "some day"]
    assert column(await owner.get(f"{MILESTONES}?sort=-due_on"), "name") == ["late", "soon", "some day"]
    assert column(await owner.get(f"{MILESTONES}?sort=name"), "name") == ["late", "some day", "soon"]


async def test_progress_counts_living_tasks_and_changes_the_tag_but_not_the_version(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    fair = await made(owner, "milestones", name="Fair")
    path = f"{MILESTONES}/{fair}"
    before = await owner.get(path)
    for status in ("todo", "done", "cancelled", "in_progress"):
        await make.task(web, status=status, milestone_id=fair)
    await owner.delete("/api/v1/tasks/WEB-4")
    after = await owner.get(path, headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["progress"]) == (200, {"total": 3, "done": 2})
    assert after.json()["version"] == 1
    assert (await owner.get(path, headers={"If-None-Match": after.headers["etag"]})).status_code == 304
    assert (await owner.get(MILESTONES)).json()["items"] == [after.json()]
    assert (await owner.patch(path, json={"name": "New"}, headers={"If-Match": before.headers["etag"]})).is_success


async def test_a_new_one_counts_nothing_of_the_others(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    await make.task(web, milestone_id=await made(owner, "milestones", name="Fair"))
    answer = await owner.post(MILESTONES, json={"name": "Another"})
    assert answer.json()["progress"] == {"total": 0, "done": 0}


async def test_tasks_name_one_of_their_own_project(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, tables: Any
) -> None:
    await make.project(web.owner, "OPS")
    foreign = await made(owner, "milestones", "/api/v1/projects/OPS", name="x")
    mine = await made(owner, "milestones", name="x")
    await make.task(web)
    for wrong in (foreign, str(uuid4())):
        for answer in (
            await owner.post(TASKS, json={"title": "A", "milestone_id": wrong}),
            await owner.patch(WEB_1, json={"milestone_id": wrong}),
        ):
            assert faults(answer) == [("/milestone_id", "unknown_milestone")]
    patched = (await owner.patch(WEB_1, json={"milestone_id": mine})).json()
    assert patched["milestone_id"] == mine
    assert (await entries(tables, patched["id"]))[-1].changes == {"milestone_id": [None, mine]}
    assert (await owner.patch(WEB_1, json={"milestone_id": None})).json()["milestone_id"] is None


async def test_tasks_are_found_by_it(owner: httpx.AsyncClient, web: MadeProject, make: Factory) -> None:
    one, two = [await made(owner, "milestones", name=name) for name in ("one", "two")]
    for title, milestone in (("one", one), ("two", two), ("none", None)):
        await make.task(web, title, milestone_id=milestone)
    for query, expected in (
        (f"milestone={one}", ["one"]),
        (f"milestone={one}&milestone={two}", ["one", "two"]),
        (f"milestone=none&milestone={two}", ["none", "two"]),
        ("milestone=none", ["none"]),
        (f"milestone={uuid4()}", []),
    ):
        for path in (TASKS, "/api/v1/tasks"):
            assert sorted(titles(await owner.get(f"{path}?{query}"))) == expected
    assert pointers(await owner.get(f"{TASKS}?milestone=one")) == ["/query/milestone/0"]


async def test_one_that_is_deleted_comes_off_its_tasks(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, tables: Any
) -> None:
    fair = await made(owner, "milestones", name="Fair")
    living, trashed = [await make.task(web, milestone_id=fair) for _ in range(2)]
    await owner.delete("/api/v1/tasks/WEB-2")
    assert (await owner.delete(f"{MILESTONES}/{fair}")).status_code == 204
    assert (await owner.get(WEB_1)).json()["milestone_id"] is None
    for task in (living, trashed):
        assert (await entries(tables, task["id"]))[-1].changes == {"milestone_id": [fair, None]}
    assert problem(await owner.get(f"{MILESTONES}/{fair}")) == (404, "not_found")


async def test_a_task_that_moves_finds_its_namesake(owner: httpx.AsyncClient, web: MadeProject, make: Factory) -> None:
    await make.project(web.owner, "OPS")
    there = await made(owner, "milestones", "/api/v1/projects/OPS", name="FAIR")
    for number, (name, expected) in enumerate((("Fair", there), ("Alone", None)), 1):
        await make.task(web, milestone_id=await made(owner, "milestones", name=name))
        moved = await owner.post(f"/api/v1/tasks/WEB-{number}/move", json={"project": "OPS"})
        assert (moved.status_code, moved.json()["milestone_id"]) == (200, expected)


async def test_an_archived_project_keeps_them_as_they_are(owner: httpx.AsyncClient) -> None:
    path = f"{MILESTONES}/{await made(owner, 'milestones', name='Fair')}"
    await owner.patch(WEB, json={"archived": True})
    for answer in (
        await owner.post(MILESTONES, json={"name": "x"}),
        await owner.patch(path, json={"name": "x"}),
        await owner.delete(path),
    ):
        assert problem(answer) == (409, "project_archived")
    assert (await owner.get(path)).status_code == 200
