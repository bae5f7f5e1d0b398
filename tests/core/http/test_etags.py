"""A 304 never hides a change: the tag of a body that depends on more than its row carries a hash of the body."""

import re

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.factory import Factory, MadeProject, Person

ME, WEB, TASK = "/api/v1/users/me", "/api/v1/projects/WEB", "/api/v1/tasks/WEB-1"
HASHED = re.compile(r'"(\d+)-[0-9a-f]{8}"')


@pytest.fixture
async def web(make: Factory) -> MadeProject:
    project = await make.project(await make.user("maria"), key="WEB")
    await make.task(project, "Parent")
    return project


@pytest.fixture
async def bo(web: MadeProject, make: Factory) -> Person:
    return await make.member(web, ProjectRole.VIEWER, await make.user("bo"))


async def not_modified(client: httpx.AsyncClient, path: str, etag: str) -> bool:
    answer = await client.get(path, headers={"If-None-Match": etag})
    assert answer.status_code in {200, 304}
    return answer.status_code == 304


async def test_what_depends_on_its_row_alone_is_tagged_by_its_version(owner: httpx.AsyncClient) -> None:
    for path in (TASK, ME):
        answer = await owner.get(path)
        assert answer.headers["etag"] == f'"{answer.json()["version"]}"'
        assert await not_modified(owner, path, answer.headers["etag"])


async def test_another_role_is_another_tag(owner: httpx.AsyncClient, bo: Person, client_for: ClientFor) -> None:
    theirs = client_for(bo)
    etag = (await theirs.get(WEB)).headers["etag"]
    assert HASHED.fullmatch(etag)
    assert await not_modified(theirs, WEB, etag)
    await owner.patch(f"{WEB}/members/{bo.id}", json={"role": "editor"})
    assert not await not_modified(theirs, WEB, etag)
    assert (await theirs.get(WEB)).headers["etag"] not in {etag, (await owner.get(WEB)).headers["etag"]}


@pytest.mark.parametrize(
    ("expand", "path", "change"),
    [
        ("parent", "/api/v1/tasks/WEB-1", {"title": "Renamed"}),
        ("project", WEB, {"name": "Renamed"}),
        ("creator", ME, {"full_name": "Maria"}),
        ("assignees", ME, {"full_name": "Maria"}),
    ],
)
async def test_what_is_shown_in_full_is_part_of_the_tag(
    expand: str, path: str, change: dict[str, str], web: MadeProject, owner: httpx.AsyncClient
) -> None:
    parent = (await owner.get(TASK)).json()["id"]
    body = {"title": "Child", "parent_id": parent, "assignee_ids": [str(web.owner.id)]}
    child = f"/api/v1/tasks/{(await owner.post(web.tasks_path, json=body)).json()['key']}?expand={expand}"
    etag = (await owner.get(child)).headers["etag"]
    assert HASHED.fullmatch(etag)
    assert await not_modified(owner, child, etag)
    assert (await owner.patch(path, json=change)).status_code == 200
    assert not await not_modified(owner, child, etag)


async def test_the_tag_of_the_plain_body_is_none_of_an_expanded_one(owner: httpx.AsyncClient) -> None:
    plain = (await owner.get(TASK)).headers["etag"]
    assert not await not_modified(owner, f"{TASK}?expand=assignees", plain)
    assert await not_modified(owner, TASK, plain)


async def test_an_address_that_is_in_sight_is_another_tag(
    web: MadeProject, owner: httpx.AsyncClient, bo: Person, client_for: ClientFor
) -> None:
    path = f"/api/v1/users/{web.owner.id}"
    seen = await client_for(bo).get(path)
    assert seen.json()["email"] is None
    assert not await not_modified(owner, path, seen.headers["etag"])
    assert (await owner.get(path)).json()["email"] == web.owner.email


async def test_a_trashed_parent_is_not_shown(web: MadeProject, owner: httpx.AsyncClient) -> None:
    parent = (await owner.get(TASK)).json()["id"]
    await owner.post(web.tasks_path, json={"title": "Child", "parent_id": parent})
    assert (await owner.get("/api/v1/tasks/WEB-2?expand=parent")).json()["parent"]["title"] == "Parent"
    await owner.delete(TASK)
    await owner.post("/api/v1/tasks/WEB-2/restore")
    child = (await owner.get("/api/v1/tasks/WEB-2?expand=parent")).json()
    assert (child["parent"], child["parent_id"]) == (None, parent)


@pytest.mark.parametrize("tag", ['"1"', '"1-0badf00d"', '"7", "1-00000000"', "*", '"1-"'])
async def test_if_match_goes_by_the_version_alone(tag: str, owner: httpx.AsyncClient) -> None:
    for path, change in ((WEB, {"name": "New"}), (TASK, {"title": "New"})):
        assert (await owner.patch(path, json=change, headers={"If-Match": tag})).status_code == 200


@pytest.mark.parametrize("tag", ['"2"', '"11"', '"0-1"', '"-1"', 'W/"1"', "1", '"x-1"', ""])
async def test_another_version_is_stale_and_the_problem_holds_the_newest(tag: str, owner: httpx.AsyncClient) -> None:
    for path, change in ((WEB, {"name": "New"}), (TASK, {"title": "New"}), (ME, {"locale": "de"})):
        before = await owner.get(path)
        refused = await owner.patch(path, json=change, headers={"If-Match": tag})
        assert problem(refused) == (412, "precondition_failed")
        assert refused.headers["etag"] == before.headers["etag"]
        assert refused.json()["current"] == before.json()


@pytest.mark.parametrize("action", ["complete", "reopen", "move", "restore"])
async def test_an_action_on_a_stale_task_is_refused_and_changes_nothing(action: str, owner: httpx.AsyncClient) -> None:
    if action == "restore":
        await owner.delete(TASK)
    if action == "reopen":
        await owner.post(f"{TASK}/complete")
    body = {"status": "done"} if action == "move" else None
    version = 1 if action in {"complete", "move"} else 2
    refused = await owner.post(f"{TASK}/{action}", headers={"If-Match": f'"{version + 1}"'}, json=body)
    assert problem(refused) == (412, "precondition_failed")
    assert refused.json()["current"]["version"] == version
    done = await owner.post(f"{TASK}/{action}", headers={"If-Match": f'"{version}"'}, json=body)
    assert (done.status_code, done.json()["version"], done.headers["etag"]) == (200, version + 1, f'"{version + 1}"')


async def test_a_restored_project_was_the_one_you_saw(owner: httpx.AsyncClient) -> None:
    await owner.delete(WEB)
    assert problem(await owner.post(f"{WEB}/restore", headers={"If-Match": '"1"'}))[0] == 412
    assert (await owner.post(f"{WEB}/restore", headers={"If-Match": '"2"'})).status_code == 200


async def test_what_is_not_in_the_trash_is_not_restored(owner: httpx.AsyncClient, bo: Person) -> None:
    for path in (TASK, WEB):
        assert problem(await owner.post(f"{path}/restore")) == (409, "not_in_trash")
        assert (await owner.get(path)).json()["version"] == 1


async def test_whose_token_it_is_has_a_tag(owner: httpx.AsyncClient) -> None:
    etag = (await owner.get("/api/v1/auth/validate")).headers["etag"]
    assert HASHED.fullmatch(etag)
    assert await not_modified(owner, "/api/v1/auth/validate", etag)
