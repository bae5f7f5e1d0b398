"""Saved views: whose they are, who changes them, and the lists that go by them."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from taskapi.models import ProjectRole
from taskapi.tasks.views import service
from tests.conftest import ClientFor
from tests.support.answers import column, faults, problem, titles
from tests.support.api_tokens import api_token, carrying
from tests.support.change_log import entries, kinds
from tests.support.factory import PASSWORD, Factory, MadeProject

VIEWS = "/api/v1/views"
TASKS = "/api/v1/projects/WEB/tasks"
ALL = "/api/v1/tasks"
MINE = {"name": "High", "filter": "priority:>=high", "sort": "-title"}
SHARED = {"name": "Open", "filter": "is:open", "project": "WEB", "shared": True}


async def saved(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post(VIEWS, json={**MINE, **fields})
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"{VIEWS}/{view['id']}"
    return view


def path(view: dict[str, Any]) -> str:
    return f"{VIEWS}/{view['id']}"


@pytest.fixture
async def viewer(web: MadeProject, make: Factory, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(await make.member(web, ProjectRole.VIEWER))


@pytest.fixture
async def editor(web: MadeProject, make: Factory, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(await make.member(web, ProjectRole.EDITOR))


async def test_a_view_is_made_read_changed_and_deleted(owner: httpx.AsyncClient, web: MadeProject, tables: Any) -> None:
    view = await saved(owner)
    shown = {"project_id": None, "shared": False, "created_by": str(web.owner.id), "version": 1}
    assert shown.items() <= view.items()
    assert (await owner.get(path(view))).json() == view
    changed = (await owner.patch(path(view), json={"name": "Higher", "sort": None})).json()
    assert (changed["name"], changed["sort"], changed["filter"], changed["version"]) == (
        "Higher",
        None,
        MINE["filter"],
        2,
    )
    assert (await owner.patch(path(view), json={"name": "Higher"})).json()["version"] == 2
    stale = await owner.patch(path(view), json={"name": "x"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert (await owner.delete(path(view), headers={"If-Match": '"2"'})).status_code == 204
    assert problem(await owner.get(path(view))) == (404, "not_found")
    assert await kinds(tables, view["id"]) == ["view.created", "view.updated", "view.deleted"]
    assert {entry.project_id for entry in await entries(tables, view["id"])} == {None}


async def test_what_is_saved_is_a_filter_and_a_sort(owner: httpx.AsyncClient, web: MadeProject) -> None:
    wrong = await owner.post(VIEWS, json={**MINE, "filter": "is:open statsu:x"})
    assert problem(wrong) == (422, "invalid_filter")
    assert (wrong.json()["column"], faults(wrong)) == (9, [("/filter", "invalid_filter")])
    assert problem(await owner.post(VIEWS, json={**MINE, "sort": "colour"})) == (422, "validation_error")
    assert problem(await owner.post(VIEWS, json={**MINE, "name": " "})) == (422, "validation_error")
    view = await saved(owner, filter="")
    assert problem(await owner.patch(path(view), json={"filter": "("})) == (422, "invalid_filter")
    assert problem(await owner.patch(path(view), json={"filter": None})) == (422, "validation_error")


async def test_a_personal_view_is_its_makers_alone(
    web: MadeProject, owner: httpx.AsyncClient, editor: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    of_project = await saved(owner, project="WEB")
    views = [await saved(owner), of_project]
    admin = client_for(await make.user("root", admin=True))
    for client in (editor, admin):
        for view in views:
            for refused in (
                await client.get(path(view)),
                await client.patch(path(view), json={"name": "x"}),
                await client.delete(path(view)),
                await client.get(ALL, params={"view": view["id"]}),
            ):
                assert problem(refused) == (404, "not_found")
        assert column(await client.get(VIEWS), "id") == []
        assert column(await client.get(VIEWS, params={"project": "WEB"}), "id") == []
    assert column(await owner.get(VIEWS, params={"project": "WEB"}), "id") == [of_project["id"]]
    assert len(column(await owner.get(VIEWS), "id")) == 2


async def test_a_shared_view_is_read_by_members_and_changed_by_editors_and_its_maker(
    web: MadeProject,
    owner: httpx.AsyncClient,
    editor: httpx.AsyncClient,
    viewer: httpx.AsyncClient,
    client_for: ClientFor,
    make: Factory,
    tables: Any,
) -> None:
    view = await saved(owner, **SHARED)
    stranger, admin = client_for(await make.user("stranger")), client_for(await make.user("root", admin=True))
    for client in (owner, editor, viewer, admin):
        assert (await client.get(path(view))).json()["shared"] is True
        assert column(await client.get(VIEWS, params={"project": "WEB"}), "name") == ["Open"]
    assert column(await viewer.get(VIEWS), "name") == ["Open"]
    assert column(await admin.get(VIEWS), "name") == column(await stranger.get(VIEWS), "name") == []
    assert problem(await stranger.get(path(view))) == (404, "not_found")
    assert problem(await stranger.get(VIEWS, params={"project": "WEB"})) == (404, "not_found")
    for refused in (await viewer.patch(path(view), json={"name": "x"}), await viewer.delete(path(view))):
        assert problem(refused) == (403, "forbidden")
        assert "view:write" in refused.json()["detail"]
    assert problem(await viewer.post(VIEWS, json=SHARED)) == (403, "forbidden")
    assert (await editor.patch(path(view), json={"name": "Ours"})).status_code == 200
    assert problem(await editor.patch(path(view), json={"shared": False})) == (403, "forbidden")
    assert (await owner.patch(path(view), json={"shared": False})).json()["shared"] is False
    assert problem(await editor.get(path(view))) == (404, "not_found")
    assert (await owner.patch(path(view), json={"shared": True})).json()["shared"] is True
    assert (await editor.delete(path(view))).status_code == 204
    assert {entry.project_id for entry in await entries(tables, view["id"])} == {web.id}


async def test_a_viewer_keeps_what_is_theirs_to_themselves(viewer: httpx.AsyncClient) -> None:
    view = await saved(viewer, project="WEB")
    assert problem(await viewer.patch(path(view), json={"shared": True})) == (403, "forbidden")
    assert (await viewer.patch(path(view), json={"name": "x"})).status_code == 200
    without = await saved(viewer)
    assert problem(await viewer.patch(path(without), json={"shared": True})) == (422, "shared_needs_project")
    assert problem(await viewer.post(VIEWS, json={**MINE, "shared": True})) == (422, "shared_needs_project")


async def test_an_archived_project_keeps_its_shared_views_as_they_are(
    owner: httpx.AsyncClient, editor: httpx.AsyncClient
) -> None:
    view, own = await saved(owner, **SHARED), await saved(editor, project="WEB")
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    for refused in (
        await owner.post(VIEWS, json=SHARED),
        await owner.patch(path(view), json={"name": "x"}),
        await owner.delete(path(view)),
        await editor.patch(path(own), json={"shared": True}),
    ):
        assert problem(refused) == (409, "project_archived")
    assert (await owner.get(path(view))).status_code == 200
    assert (await editor.delete(path(own))).status_code == 204
    await owner.delete("/api/v1/projects/WEB")
    assert problem(await owner.get(path(view))) == (404, "not_found")
    assert column(await owner.get(VIEWS), "id") == []


async def test_an_administrator_reads_no_view_of_a_project_in_the_trash(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    """Though there are other projects, which are not."""
    await make.project(web.owner, "APP")
    view, admin = await saved(owner, **SHARED), client_for(await make.user("root", admin=True))
    await owner.delete("/api/v1/projects/WEB")
    assert problem(await admin.get(path(view))) == (404, "not_found")


@pytest.fixture
async def tasks(web: MadeProject, make: Factory) -> None:
    for title, priority in (("a", "high"), ("b", "low"), ("c", "urgent")):
        await make.task(web, title, priority=priority)
    other = await make.project(web.owner, key="APP")
    await make.task(other, "d", priority="high")


async def test_a_list_goes_by_a_view(tasks: None, owner: httpx.AsyncClient) -> None:
    over_all, of_web = await saved(owner), await saved(owner, project="WEB", sort=None)
    assert titles(await owner.get(TASKS, params={"view": over_all["id"]})) == ["c", "a"]
    assert titles(await owner.get(ALL, params={"view": over_all["id"]})) == ["d", "c", "a"]
    assert titles(await owner.get(ALL, params={"view": of_web["id"]})) == ["c", "a"]
    assert titles(await owner.get(TASKS, params={"view": of_web["id"]})) == ["a", "c"]
    by_id = f"/api/v1/projects/{of_web['project_id'].upper()}/tasks"
    assert titles(await owner.get(by_id, params={"view": of_web["id"]})) == ["a", "c"]
    assert titles(await owner.get(TASKS, params={"view": over_all["id"], "sort": "title"})) == ["a", "c"]
    assert titles(await owner.get(ALL, params={"view": over_all["id"], "priority": "urgent"})) == ["c"]
    assert titles(await owner.get(ALL, params={"view": over_all["id"], "filter": "title:d OR title:b"})) == ["d"]
    board = await owner.get(ALL, params={"view": over_all["id"], "group_by": "priority"})
    assert [len(group["items"]) for group in board.json()["groups"]] == [1, 2, 0, 0, 0]


async def test_a_view_of_another_project_or_of_nobody_lists_nothing(tasks: None, owner: httpx.AsyncClient) -> None:
    of_app = await saved(owner, project="APP")
    refused = await owner.get(TASKS, params={"view": of_app["id"]})
    assert (problem(refused), faults(refused)) == (
        (422, "view_of_another_project"),
        [("/query/view", "view_of_another_project")],
    )
    for group_by in ({}, {"group_by": "status"}):
        missing = await owner.get(TASKS, params={"view": str(uuid4()), **group_by})
        assert problem(missing) == (404, "not_found")


async def test_a_cursor_of_a_view_ends_when_the_view_changes(tasks: None, owner: httpx.AsyncClient) -> None:
    view = await saved(owner)
    params = {"view": view["id"], "limit": 1}
    first = (await owner.get(ALL, params=params)).json()
    params["cursor"] = first["next_cursor"]
    second = await owner.get(ALL, params=params)
    assert titles(second) == ["c"]
    columns = (await owner.get(ALL, params={"view": view["id"], "limit": 1, "group_by": "status"})).json()["groups"]
    [todo] = [group for group in columns if group["key"] == "todo"]
    rest = {"view": view["id"], "status": "todo", "cursor": todo["next_cursor"]}
    assert titles(await owner.get(ALL, params=rest)) == ["c", "a"]
    await owner.patch(path(view), json={"sort": "title,-due"})
    assert problem(await owner.get(ALL, params=params)) == (400, "invalid_cursor")
    assert problem(await owner.get(ALL, params=rest)) == (400, "invalid_cursor")


async def test_who_leaves_takes_their_own_views_along_and_leaves_the_shared(
    owner: httpx.AsyncClient, editor: httpx.AsyncClient, tables: Any
) -> None:
    own, shared, elsewhere = await saved(editor, project="WEB"), await saved(editor, **SHARED), await saved(editor)
    assert (await editor.post("/api/v1/projects/WEB/leave")).status_code == 204
    assert column(await editor.get(VIEWS), "id") == [elsewhere["id"]]
    assert await kinds(tables, own["id"]) == ["view.created", "view.deleted"]
    assert column(await owner.get(VIEWS), "id") == [shared["id"]]
    assert (await owner.patch(path(shared), json={"name": "Ours now"})).status_code == 200


async def test_with_an_account_go_the_views_that_nobody_else_saw(
    owner: httpx.AsyncClient, editor: httpx.AsyncClient, tables: Any
) -> None:
    own, shared = await saved(editor), await saved(editor, **SHARED)
    gone = await editor.request("DELETE", "/api/v1/users/me", json={"password": PASSWORD})
    assert gone.status_code == 204
    assert await kinds(tables, own["id"]) == ["view.created", "view.deleted"]
    assert column(await owner.get(VIEWS), "id") == [shared["id"]]


async def test_an_api_token_for_some_projects_sees_the_views_of_these(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.project(web.owner, key="APP")
    await saved(owner)
    await saved(owner, project="APP")
    of_web = await saved(owner, project="WEB")
    secret = await api_token(make, web.owner, "tasks:read", "tasks:write", project_ids=[web.id])
    script = carrying(make.client(), secret)
    assert column(await script.get(VIEWS), "id") == [of_web["id"]]
    assert problem(await script.post(VIEWS, json=MINE)) == (403, "forbidden")
    assert problem(await script.post(VIEWS, json={**MINE, "project": "APP"})) == (404, "not_found")
    await saved(script, project="WEB")


async def test_two_at_once_do_not_pass_the_bound_together(live: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_MOST", 2)
    ana = live.client(await live.user("ana"))
    made = await asyncio.gather(*(ana.post(VIEWS, json={**MINE, "name": f"{n}"}) for n in range(6)))
    assert sorted(answer.status_code for answer in made) == [201, 201, 409, 409, 409, 409]
    assert {problem(answer) for answer in made if answer.status_code != 201} == {(409, "too_many_views")}
    assert len(column(await ana.get(VIEWS), "id")) == 2
