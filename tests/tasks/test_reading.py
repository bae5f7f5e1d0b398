"""One task is read by id or by key, with what `expand` asks for, and not again when nothing changed."""

from uuid import uuid4

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.support.answers import faults, pointers, problem
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting


async def test_id_and_key_both_find_a_task(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    task = await make.task(web)
    for name in (task["id"], task["id"].upper(), "WEB-1"):
        assert (await owner.get(f"/api/v1/tasks/{name}")).json() == task


@pytest.mark.parametrize("name", ["web-1", "WEB-01", "WEB-0", "WEB", "1", "WEB-1-1", "WEB-9999999999", "%00", "WEB-٣"])
async def test_what_is_no_name_of_a_task_is_as_absent_as_a_missing_one(
    name: str, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web)
    assert problem(await owner.get(f"/api/v1/tasks/{name}")) == (404, "not_found")


async def test_a_missing_task_is_a_404(web: MadeProject, owner: httpx.AsyncClient) -> None:
    for name in ("WEB-1", str(uuid4())):
        assert problem(await owner.get(f"/api/v1/tasks/{name}")) == (404, "not_found")


async def test_a_task_is_read_in_one_round_trip(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, count_statements: Counting
) -> None:
    await make.task(web)
    await owner.get("/api/v1/tasks/WEB-1")
    for query in ("", "?expand=assignees,creator,parent,project"):
        async with count_statements() as seen:
            await owner.get(f"/api/v1/tasks/WEB-1{query}")
        assert len(seen) == 1


async def test_expand_shows_people_parent_and_project_in_full(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    maria = await make.member(web, ProjectRole.EDITOR, await make.user("maria", full_name="Maria M"))
    parent = await make.task(web, "Above")
    await make.task(web, "Below", parent_id=parent["id"], assignee_ids=[str(maria.id)])
    shown = (await owner.get("/api/v1/tasks/WEB-2?expand=assignees,creator&expand=parent&expand=project")).json()
    assert shown["assignees"] == [{"id": str(maria.id), "username": "maria", "full_name": "Maria M"}]
    assert shown["creator"] == {"id": str(web.owner.id), "username": web.owner.username, "full_name": None}
    assert shown["parent"] == {
        "id": parent["id"],
        "key": "WEB-1",
        "title": "Above",
        "status": "todo",
        "status_category": "unstarted",
    }
    assert shown["project"] == {"id": str(web.id), "key": "WEB", "name": "Website"}


async def test_expand_shows_what_is_not_there_as_nothing(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web)
    shown = (await owner.get("/api/v1/tasks/WEB-1?expand=assignees,parent")).json()
    assert (shown["assignees"], shown["parent"]) == ([], None)


async def test_assignees_are_shown_in_the_order_of_their_ids(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    people = [await make.member(web, ProjectRole.VIEWER) for _ in range(3)]
    ids = [str(person.id) for person in reversed(people)]
    await make.task(web, assignee_ids=ids)
    shown = (await owner.get("/api/v1/tasks/WEB-1?expand=assignees")).json()
    assert [person["id"] for person in shown["assignees"]] == ids


async def test_nothing_is_expanded_unasked(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web)
    assert {"assignees", "creator", "parent", "project"}.isdisjoint((await owner.get("/api/v1/tasks/WEB-1")).json())


async def test_what_cannot_be_expanded_is_refused(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web)
    assert faults(await owner.get("/api/v1/tasks/WEB-1?expand=project,secrets")) == [("/query/expand/1", "enum")]
    assert pointers(await owner.get("/api/v1/tasks/WEB-1?expnd=project")) == ["/query/expnd"]


async def test_the_shape_of_a_request_is_judged_before_whether_the_task_exists(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web)
    for name in ("WEB-1", "WEB-2"):
        assert pointers(await owner.get(f"/api/v1/tasks/{name}?expand=x")) == ["/query/expand/0"]
        assert pointers(await owner.patch(f"/api/v1/tasks/{name}", json={"nonsense": 1})) == ["/nonsense"]


async def test_who_has_the_newest_version_gets_a_304(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web)
    etag = (await owner.get("/api/v1/tasks/WEB-1")).headers["etag"]
    for header in (etag, f"W/{etag}", f'"0", {etag}', "*"):
        same = await owner.get("/api/v1/tasks/WEB-1", headers={"If-None-Match": header})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)


async def test_who_has_an_older_version_gets_the_task(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web)
    await owner.patch("/api/v1/tasks/WEB-1", json={"title": "New"})
    changed = await owner.get("/api/v1/tasks/WEB-1", headers={"If-None-Match": '"1"'})
    assert (changed.status_code, changed.json()["title"], changed.headers["etag"]) == (200, "New", '"2"')


async def test_a_task_of_a_project_in_the_trash_is_not_found(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web)
    await owner.delete("/api/v1/projects/WEB")
    assert problem(await owner.get("/api/v1/tasks/WEB-1")) == (404, "not_found")
    await owner.post("/api/v1/projects/WEB/restore")
    assert (await owner.get("/api/v1/tasks/WEB-1")).status_code == 200
