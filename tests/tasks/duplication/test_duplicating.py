"""A copy is the task once more, to be done anew."""

from typing import Any

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support import custom_fields
from tests.support.answers import column, faults, problem
from tests.support.change_log import entries
from tests.support.factory import Factory, MadeProject
from tests.support.marks import WEB, cycle, label, made

WEB_1 = "/api/v1/tasks/WEB-1"
GIVEN: dict[str, Any] = {
    "title": "Write",
    "description": "All of it",
    "priority": "high",
    "start_on": "2026-11-01",
    "due_at": "2026-12-24T12:00:00.000000Z",
    "estimate": 2.5,
}


async def duplicate(client: httpx.AsyncClient, **body: Any) -> httpx.Response:
    return await client.post(f"{WEB_1}/duplicate", json=body)


async def test_a_copy_has_what_is_to_be_done_and_stands_beside_its_task(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    parent = await make.task(web)
    await owner.delete(WEB_1)
    await owner.post(f"{WEB_1}/restore")
    task = await make.task(web, **GIVEN, parent_id=parent["id"], status="in_progress", assignee_ids=[str(web.owner.id)])
    path = f"/api/v1/tasks/{task['key']}"
    for text in ("a", "b"):
        await owner.post(f"{path}/checklist", json={"text": text, "done": True})
    await make.task(web, parent_id=task["id"])
    made = await owner.post(f"{path}/duplicate", json={})
    copy = made.json()
    assert (made.status_code, made.headers["location"]) == (201, f"/api/v1/tasks/{copy['id']}")
    own = {"id", "key", "number", "rank", "created_at", "updated_at"}
    assert {k: v for k, v in copy.items() if k not in own} == {k: v for k, v in task.items() if k not in own}
    assert copy["key"] == "WEB-4"
    items = (await owner.get("/api/v1/tasks/WEB-4/checklist")).json()["items"]
    assert [(item["text"], item["done"], item["position"]) for item in items] == [("a", False, 0), ("b", False, 1)]
    assert column(await owner.get("/api/v1/tasks?parent=WEB-4"), "key") == []
    told = (await entries(tables))[-3:]
    assert [entry.kind for entry in told] == ["task.created", "checklist_item.created", "checklist_item.created"]
    assert len({entry.batch_id for entry in told}) == 1


async def test_a_copy_of_what_is_closed_is_open(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web, status="done")
    copy = (await duplicate(owner)).json()
    assert (copy["status"], copy["completed_at"], copy["version"]) == ("todo", None, 1)


async def test_a_parent_in_the_trash_gets_no_copies(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web)
    parent = await make.task(web)
    await owner.patch(WEB_1, json={"parent_id": parent["id"]})
    await owner.delete("/api/v1/tasks/WEB-2")
    await owner.post(f"{WEB_1}/restore")
    assert (await duplicate(owner)).json()["parent_id"] is None


async def test_a_copy_goes_into_another_project(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    other = await make.project(web.owner, "OTHER")
    here = await make.member(web, ProjectRole.EDITOR)
    parent = await make.task(web)
    await make.task(web, parent_id=parent["id"], status="in_progress", assignee_ids=[str(here.id), str(web.owner.id)])
    copy = (await owner.post("/api/v1/tasks/WEB-2/duplicate", json={"project": "OTHER"})).json()
    assert (copy["key"], copy["project_id"], copy["parent_id"]) == ("OTHER-1", str(other.id), None)
    assert (copy["status"], copy["assignee_ids"]) == ("in_progress", [str(web.owner.id)])
    await owner.patch("/api/v1/projects/OTHER", json={"archived": True})
    assert problem(await duplicate(owner, project="OTHER")) == (409, "project_archived")
    await owner.delete(WEB_1)
    assert problem(await duplicate(owner)) == (404, "not_found")


@pytest.fixture
async def marked(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> dict[str, Any]:
    """WEB-1, with all that a project has of its own, and a rule by which it comes again."""
    names: dict[str, Any] = {
        "label_ids": [await label(owner, "bug"), await label(owner, "here")],
        "milestone_id": await made(owner, "milestones", name="One"),
        "cycle_id": await cycle(owner, "2026-12-01", "2026-12-14"),
    }
    for key in ("cost", "place"):
        await custom_fields.add(owner, key, "number" if key == "cost" else "text")
    await make.task(web, due_on="2026-12-01", fields={"cost": 1.5, "place": "x"}, **names)
    await owner.put(f"{WEB_1}/recurrence", json={"rule": "FREQ=DAILY"})
    return names


async def test_a_copy_is_marked_and_planned_as_its_task_and_comes_only_once(
    marked: dict[str, Any], owner: httpx.AsyncClient
) -> None:
    # Whoever copies is not asked for what the task does not have either.
    await custom_fields.add(owner, "size", "number", required=True)
    copy = (await duplicate(owner)).json()
    assert {name: copy[name] for name in marked} == marked
    assert (copy["fields"], copy["recurrence"]) == ({"cost": 1.5, "place": "x"}, None)
    source = (await owner.get(WEB_1)).json()
    assert source["recurrence"] is not None


async def test_in_another_project_a_copy_has_what_is_called_so_there(
    marked: dict[str, Any], web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.project(web.owner, "OTHER")
    there = WEB.replace("WEB", "OTHER")
    bug, one = await label(owner, "Bug", there), await made(owner, "milestones", there, name="one")
    await custom_fields.add(owner, "cost", "number", path=f"{there}/fields")
    copy = (await duplicate(owner, project="OTHER")).json()
    assert (copy["label_ids"], copy["milestone_id"], copy["cycle_id"]) == ([bug], one, None)
    assert (copy["fields"], copy["recurrence"]) == ({"cost": 1.5}, None)


async def test_no_copy_enters_a_full_status(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web)
    [todo] = [one for one in (await owner.get(f"{WEB}/statuses")).json()["items"] if one["key"] == "todo"]
    await owner.patch(f"{WEB}/statuses/{todo['id']}", json={"wip_limit": 1})
    assert problem(await duplicate(owner)) == (409, "wip_limit_reached")


@pytest.mark.parametrize(
    ("here", "there", "status"),
    [
        (ProjectRole.VIEWER, ProjectRole.EDITOR, 201),
        (ProjectRole.EDITOR, ProjectRole.VIEWER, 403),
        (ProjectRole.EDITOR, None, 404),
        (None, ProjectRole.EDITOR, 404),
    ],
)
async def test_copying_needs_to_read_here_and_to_write_there(
    here: ProjectRole | None,
    there: ProjectRole | None,
    status: int,
    web: MadeProject,
    make: Factory,
    client_for: ClientFor,
) -> None:
    other, person = await make.project(key="OTHER"), await make.user()
    for project, role in ((web, here), (other, there)):
        if role is not None:
            await make.member(project, role, person)
    await make.task(web)
    assert (await duplicate(client_for(person), project="OTHER")).status_code == status


async def test_what_is_wrong_is_pointed_at(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web)
    assert faults(await duplicate(owner, title="x")) == [("/title", "extra_forbidden")]
    assert faults(await duplicate(owner, project=1)) == [("/project", "string_type")]
