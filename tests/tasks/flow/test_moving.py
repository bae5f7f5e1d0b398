"""Move puts a task into a status, a place in the order, another project, or all of these in one step."""

from typing import Any

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support import custom_fields
from tests.support.answers import column, faults, problem
from tests.support.change_log import entries
from tests.support.factory import Factory, MadeProject
from tests.support.marks import cycle, label

TASKS = "/api/v1/projects/WEB/tasks"


@pytest.fixture
async def four(web: MadeProject, make: Factory) -> list[dict[str, Any]]:
    """WEB-1 to WEB-4, in that order."""
    return [await make.task(web, f"Task {n}") for n in range(1, 5)]


async def move(client: httpx.AsyncClient, key: str, **body: Any) -> httpx.Response:
    return await client.post(f"/api/v1/tasks/{key}/move", json=body)


async def order(client: httpx.AsyncClient) -> str:
    return "".join(key[-1] for key in column(await client.get(TASKS), "key"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"before": "WEB-1"}, "4123"),
        ({"before": "WEB-3"}, "1243"),
        ({"after": "WEB-1"}, "1423"),
        ({"after": "WEB-3"}, "1234"),
        ({"after": "WEB-1", "before": "WEB-2"}, "1423"),
        ({"after": "WEB-1", "before": "WEB-3"}, "1423"),
        ({}, "1234"),
    ],
)
async def test_a_task_stands_where_it_was_put(
    body: dict[str, str], expected: str, four: list[dict[str, Any]], owner: httpx.AsyncClient
) -> None:
    assert (await move(owner, "WEB-4", **body)).status_code == 200
    assert await order(owner) == expected


async def test_the_first_can_become_the_last_and_new_tasks_come_behind_it(
    four: list[dict[str, Any]], owner: httpx.AsyncClient
) -> None:
    await move(owner, "WEB-1", after="WEB-4")
    await owner.post(TASKS, json={"title": "Task 5"})
    assert await order(owner) == "23415"


async def test_neighbours_are_named_by_id_too(four: list[dict[str, Any]], owner: httpx.AsyncClient) -> None:
    await move(owner, "WEB-4", after=four[0]["id"], before=four[1]["id"])
    assert await order(owner) == "1423"


async def test_no_two_tasks_ever_share_a_place(four: list[dict[str, Any]], owner: httpx.AsyncClient) -> None:
    await move(owner, "WEB-4", after="WEB-1", before="WEB-3")  # WEB-2 is between them
    ranks = column(await owner.get(TASKS), "rank")
    assert len(set(ranks)) == 4
    assert (await move(owner, "WEB-3", after="WEB-4", before="WEB-2")).status_code == 200
    assert await order(owner) == "1432"


async def test_there_is_room_in_front_of_a_rank_that_ends_in_zero(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    for n in range(1, 14):
        await make.task(web, f"Task {n}")
    await move(owner, "WEB-13", after="WEB-8", before="WEB-12")  # over 9, 10 and 11
    moved = await move(owner, "WEB-1", before="WEB-10")
    assert moved.status_code == 200
    keys = column(await owner.get(TASKS), "key")
    assert keys.index("WEB-1") == keys.index("WEB-10") - 1
    assert keys.index("WEB-13") == keys.index("WEB-8") + 1


async def test_many_moves_to_the_same_place_keep_their_order(
    four: list[dict[str, Any]], owner: httpx.AsyncClient
) -> None:
    for _ in range(30):
        last = column(await owner.get(TASKS), "key")[-1]
        assert (await move(owner, last, after=column(await owner.get(TASKS), "key")[0])).status_code == 200
    assert sorted(await order(owner)) == list("1234")
    assert len(set(column(await owner.get(TASKS), "rank"))) == 4


@pytest.mark.parametrize(
    "body",
    [{"after": "WEB-3", "before": "WEB-2"}, {"after": "WEB-2", "before": "WEB-2"}],
)
async def test_neighbours_in_the_wrong_order_are_refused(
    body: dict[str, str], four: list[dict[str, Any]], owner: httpx.AsyncClient
) -> None:
    assert faults(await move(owner, "WEB-4", **body)) == [("/after", "wrong_order")]
    assert await order(owner) == "1234"


async def test_a_neighbour_must_be_another_living_task_of_the_project(
    four: list[dict[str, Any]], web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    elsewhere = await make.task(await make.project(web.owner, "OTHER"))
    await owner.delete("/api/v1/tasks/WEB-3")
    for name in ("WEB-4", "WEB-3", "WEB-99", "nonsense", elsewhere["key"], elsewhere["id"]):
        assert faults(await move(owner, "WEB-4", before=name)) == [("/before", "unknown_task")]
        assert faults(await move(owner, "WEB-4", after=name)) == [("/after", "unknown_task")]


async def test_status_and_place_change_in_one_step(
    four: list[dict[str, Any]], owner: httpx.AsyncClient, tables: Any
) -> None:
    moved = (await move(owner, "WEB-4", status="done", before="WEB-1")).json()
    assert (moved["status"], moved["version"], await order(owner)) == ("done", 2, "4123")
    assert moved["completed_at"] is not None
    last = (await entries(tables, moved["id"]))[-1]
    assert last.kind == "task.completed"
    assert last.changes.keys() == {"status", "status_category", "completed_at", "rank"}


async def test_moving_nowhere_changes_nothing(four: list[dict[str, Any]], owner: httpx.AsyncClient) -> None:
    for body in ({}, {"status": "todo"}, {"project": "WEB"}, {"project": four[0]["project_id"]}):
        assert (await move(owner, "WEB-1", **body)).json() == four[0]


async def test_an_unknown_status_is_refused(
    four: list[dict[str, Any]], web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.project(web.owner, "OTHER")
    for body in ({"status": "nope"}, {"status": "nope", "project": "OTHER"}):
        assert faults(await move(owner, "WEB-1", **body)) == [("/status", "unknown_status")]


async def test_in_another_project_a_task_has_a_new_key(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    other = await make.project(web.owner, "OTHER")
    await make.task(other)
    task = await make.task(web, status="in_progress")
    moved = (await move(owner, "WEB-1", project="OTHER")).json()
    assert (moved["id"], moved["key"], moved["number"], moved["project_id"]) == (
        task["id"],
        "OTHER-2",
        2,
        str(other.id),
    )
    assert moved["status"] == "in_progress"
    assert (await owner.get("/api/v1/tasks/OTHER-2")).json() == moved
    assert column(await owner.get("/api/v1/projects/OTHER/tasks"), "key") == ["OTHER-1", "OTHER-2"]


async def test_in_another_project_a_task_can_go_to_a_status_and_a_place(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    other = await make.project(web.owner, "OTHER")
    await make.task(other)
    await make.task(web)
    moved = (await move(owner, "WEB-1", project=str(other.id), status="done", before="OTHER-1")).json()
    assert (moved["key"], moved["status"]) == ("OTHER-2", "done")
    assert column(await owner.get("/api/v1/projects/OTHER/tasks"), "key") == ["OTHER-2", "OTHER-1"]


async def test_a_status_that_the_other_project_lacks_becomes_its_first_unstarted_one(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    other = await make.project(web.owner, "OTHER")
    await tables.execute("DELETE FROM statuses WHERE project_id = $1 AND key = 'done'", other.id)
    await make.task(web, status="done")
    moved = (await move(owner, "WEB-1", project="OTHER")).json()
    assert (moved["status"], moved["completed_at"]) == ("todo", None)


async def test_assignees_who_are_no_members_there_stay_behind(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    other = await make.project(web.owner, "OTHER")
    here, both = await make.member(web, ProjectRole.EDITOR), await make.member(web, ProjectRole.EDITOR)
    await make.member(other, ProjectRole.VIEWER, both)
    await make.task(web, assignee_ids=[str(here.id), str(both.id)])
    assert (await move(owner, "WEB-1", project="OTHER")).json()["assignee_ids"] == [str(both.id)]


async def test_a_parent_stays_behind_and_subtasks_come_along(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    other = await make.project(web.owner, "OTHER")
    top = await make.task(web)
    middle = await make.task(web, parent_id=top["id"])
    bottom = await make.task(web, parent_id=middle["id"])
    assert (await move(owner, "WEB-2", project="OTHER")).json()["parent_id"] is None
    moved = (await owner.get("/api/v1/tasks/OTHER-2")).json()
    assert (moved["id"], moved["parent_id"], moved["version"]) == (bottom["id"], middle["id"], 2)
    left, arrived = (await entries(tables, bottom["id"]))[-2:]
    assert (left.kind, left.project_id, left.subject_key) == ("task.left", web.id, "WEB-3")
    assert (arrived.kind, arrived.project_id, arrived.subject_key) == ("task.moved", other.id, "OTHER-2")
    assert arrived.changes.keys() == {"project_id", "key", "number", "rank"}
    assert (await owner.get("/api/v1/tasks/WEB-1")).json() == top


async def test_a_subtask_in_the_trash_stays_where_it_can_be_restored(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.project(web.owner, "OTHER")
    parent = await make.task(web)
    await make.task(web, parent_id=parent["id"])
    await owner.delete("/api/v1/tasks/WEB-2")
    await move(owner, "WEB-1", project="OTHER")
    restored = (await owner.post("/api/v1/tasks/WEB-2/restore")).json()
    assert (restored["key"], restored["parent_id"]) == ("WEB-2", None)


async def test_each_subtask_gets_what_there_is_over_there(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    other = await make.project(web.owner, "OTHER")
    await tables.execute("DELETE FROM statuses WHERE project_id = $1 AND key = 'done'", other.id)
    here = await make.member(web, ProjectRole.EDITOR)
    top = await make.task(web, status="in_progress")
    await make.task(web, parent_id=top["id"], status="done", assignee_ids=[str(here.id), str(web.owner.id)])
    await move(owner, "WEB-1", project="OTHER", status="backlog")
    below = (await owner.get("/api/v1/tasks/OTHER-2")).json()
    assert (below["status"], below["completed_at"], below["assignee_ids"]) == ("todo", None, [str(web.owner.id)])
    assert (await owner.get("/api/v1/tasks/OTHER-1")).json()["status"] == "backlog"


async def test_who_follows_the_old_project_reads_that_the_task_left(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    other = await make.project(web.owner, "OTHER")
    task = await make.task(web)
    await move(owner, "WEB-1", project="OTHER")
    _, left, moved = await entries(tables, task["id"])
    assert (left.kind, left.project_id, left.subject_key) == ("task.left", web.id, "WEB-1")
    assert (moved.kind, moved.project_id, moved.subject_key) == ("task.moved", other.id, "OTHER-1")
    assert moved.changes["key"] == ["WEB-1", "OTHER-1"]


async def test_a_project_that_one_is_not_in_is_not_found(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    task = await make.task(web)
    foreign = await make.project(key="FOREIGN")
    for name in ("FOREIGN", str(foreign.id), "MISSING", "no name"):
        assert problem(await move(owner, "WEB-1", project=name)) == (404, "not_found")
    assert (await owner.get("/api/v1/tasks/WEB-1")).json() == task


@pytest.mark.parametrize(
    ("here", "there", "may"),
    [
        (ProjectRole.EDITOR, ProjectRole.EDITOR, True),
        (ProjectRole.EDITOR, ProjectRole.COMMENTER, False),
        (ProjectRole.VIEWER, ProjectRole.ADMIN, False),
    ],
)
async def test_moving_needs_an_editor_in_both_projects(
    here: ProjectRole, there: ProjectRole, may: bool, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    other = await make.project(web.owner, "OTHER")
    person = await make.member(web, here)
    await make.member(other, there, person)
    await make.task(web)
    answer = await move(client_for(person), "WEB-1", project="OTHER")
    if may:
        assert answer.status_code == 200
    else:
        assert problem(answer) == (403, "forbidden")
        assert "task:write" in answer.json()["detail"]


async def test_nothing_moves_into_an_archived_project(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.project(web.owner, "OTHER")
    await make.task(web)
    await owner.patch("/api/v1/projects/OTHER", json={"archived": True})
    assert problem(await move(owner, "WEB-1", project="OTHER")) == (409, "project_archived")


async def test_an_unknown_field_is_refused(four: list[dict[str, Any]], owner: httpx.AsyncClient) -> None:
    assert faults(await move(owner, "WEB-1", position=1)) == [("/position", "extra_forbidden")]


@pytest.fixture
async def planned(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> str:
    """WEB-1 and its subtask WEB-2, which is marked, has a value and comes again; the label's id in OTHER."""
    other = await make.project(web.owner, "OTHER")
    here, there = await label(owner, "bug"), await label(owner, "Bug", "/api/v1/projects/OTHER")
    for path in ("WEB", "OTHER"):
        await custom_fields.add(owner, "cost", "number", path=f"/api/v1/projects/{path}/fields")
    done_there = {"key": "review", "name": "Review", "category": "done"}
    assert (await owner.post(f"/api/v1/projects/{other.key}/statuses", json=done_there)).status_code == 201
    await owner.post("/api/v1/projects/WEB/statuses", json={**done_there, "category": "started"})
    parent = await make.task(web, "Parent", status="review")
    cycle_id = await cycle(owner, "2026-12-01", "2026-12-14")
    marks = {"label_ids": [here], "cycle_id": cycle_id, "fields": {"cost": 2}}
    await make.task(web, "Child", parent_id=parent["id"], status="review", due_on="2026-12-01", **marks)
    await owner.put("/api/v1/tasks/WEB-2/recurrence", json={"rule": "FREQ=DAILY"})
    return there


async def test_what_goes_along_is_marked_as_there_and_comes_again_where_it_is_done(
    planned: str, owner: httpx.AsyncClient
) -> None:
    assert (await move(owner, "WEB-1", project="OTHER")).status_code == 200
    child = (await owner.get("/api/v1/tasks/OTHER-2")).json()
    assert (child["title"], child["label_ids"], child["cycle_id"]) == ("Child", [planned], None)
    assert (child["fields"], child["status_category"], child["recurrence"]) == ({"cost": 2}, "done", None)
    again = (await owner.get("/api/v1/tasks/OTHER-3")).json()
    assert (again["title"], again["label_ids"], again["fields"]) == ("Child", [planned], {"cost": 2})
    assert (again["status_category"], again["due_on"]) == ("unstarted", "2026-12-02")


async def test_there_has_to_be_room_for_all_that_go_along(planned: str, owner: httpx.AsyncClient) -> None:
    [review] = [
        one for one in (await owner.get("/api/v1/projects/OTHER/statuses")).json()["items"] if one["key"] == "review"
    ]
    path = f"/api/v1/projects/OTHER/statuses/{review['id']}"
    await owner.patch(path, json={"wip_limit": 1})
    assert problem(await move(owner, "WEB-1", project="OTHER")) == (409, "wip_limit_reached")
    assert (await owner.get("/api/v1/tasks/WEB-2")).status_code == 200
    await owner.patch(path, json={"wip_limit": 2})
    assert (await move(owner, "WEB-1", project="OTHER")).status_code == 200
