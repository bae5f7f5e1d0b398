"""A project says what its new tasks start with, where they say nothing themselves."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import faults, pointers
from tests.support.change_log import entries
from tests.support.factory import Factory, MadeProject
from tests.support.marks import WEB, label
from tests.support.statements import Counting

TASKS = f"{WEB}/tasks"


async def new_task(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    made = await client.post(TASKS, json={"title": "New", **body})
    assert made.status_code == 201, made.text
    task: dict[str, Any] = made.json()
    return task


async def put(client: httpx.AsyncClient, **defaults: Any) -> dict[str, Any]:
    answer = await client.patch(WEB, json={"defaults": defaults})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["defaults"]
    return found


async def test_new_tasks_start_with_them_where_they_say_nothing(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, tables: Any
) -> None:
    ana = await make.member(web, ProjectRole.EDITOR)
    bug = await label(owner, "bug")
    given = {"status": "backlog", "priority": "high", "assignee_ids": [str(ana.id)], "label_ids": [bug]}
    assert await put(owner, **given) == given
    assert (await owner.get(WEB)).json()["defaults"] == given
    assert (await entries(tables, web.id))[-1].changes == {"defaults": [{}, given]}
    task = await new_task(owner)
    assert {name: task[name] for name in given} == given
    said = {"status": "todo", "priority": "none", "assignee_ids": [], "label_ids": []}
    task = await new_task(owner, **said)
    assert {name: task[name] for name in said} == said
    assert (await new_task(owner, status=None))["status"] == "todo"


async def test_a_patch_merges_and_null_takes_away(owner: httpx.AsyncClient) -> None:
    await put(owner, status="backlog", priority="high")
    assert await put(owner, priority=None) == {"status": "backlog"}
    version = (await owner.get(WEB)).json()["version"]
    assert await put(owner, status="backlog", priority=None) == {"status": "backlog"}
    assert (await owner.get(WEB)).json()["version"] == version
    assert (await owner.patch(WEB, json={"defaults": None})).json()["defaults"] == {}
    assert (await new_task(owner))["status"] == "todo"


@pytest.mark.parametrize(
    ("defaults", "fault"),
    [
        ({"status": "nowhere"}, ("/defaults/status", "unknown_status")),
        ({"assignee_ids": [str(uuid4())]}, ("/defaults/assignee_ids/0", "unknown_assignee")),
        ({"label_ids": [str(uuid4())]}, ("/defaults/label_ids/0", "unknown_label")),
    ],
)
async def test_they_name_what_the_project_has(
    owner: httpx.AsyncClient, defaults: dict[str, Any], fault: tuple[str, str]
) -> None:
    assert faults(await owner.patch(WEB, json={"defaults": defaults})) == [fault]
    assert pointers(await owner.patch(WEB, json={"defaults": {"title": "x"}})) == ["/defaults/title"]
    assert pointers(await owner.patch(WEB, json={"defaults": {"priority": "very"}})) == ["/defaults/priority"]


async def test_a_label_of_another_project_is_none(owner: httpx.AsyncClient, web: MadeProject, make: Factory) -> None:
    await make.project(web.owner, "OPS")
    mine, foreign = await label(owner, "bug"), await label(owner, "bug", "/api/v1/projects/OPS")
    refused = await owner.patch(WEB, json={"defaults": {"label_ids": [mine, foreign]}})
    assert faults(refused) == [("/defaults/label_ids/1", "unknown_label")]


async def test_what_has_gone_since_is_passed_over(owner: httpx.AsyncClient) -> None:
    kept, gone = await label(owner, "kept"), await label(owner, "gone")
    await put(owner, status="backlog", label_ids=[gone, kept])
    await owner.delete(f"{WEB}/labels/{gone}")
    statuses = (await owner.get(f"{WEB}/statuses")).json()["items"]
    [backlog] = [status["id"] for status in statuses if status["key"] == "backlog"]
    await owner.delete(f"{WEB}/statuses/{backlog}")
    task = await new_task(owner)
    assert (task["status"], task["label_ids"]) == ("todo", [kept])


async def test_who_leaves_is_none_any_more(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, client_for: ClientFor, tables: Any
) -> None:
    ana = await make.member(web, ProjectRole.EDITOR)
    both = [str(web.owner.id), str(ana.id)]
    await put(owner, assignee_ids=both)
    assert (await client_for(ana).post(f"{WEB}/leave")).is_success
    assert (await owner.get(WEB)).json()["defaults"] == {"assignee_ids": both[:1]}
    told = (await entries(tables, web.id))[-1]
    assert (told.kind, told.changes) == (
        "project.updated",
        {"defaults": [{"assignee_ids": both}, {"assignee_ids": both[:1]}]},
    )
    assert (await new_task(owner))["assignee_ids"] == both[:1]


async def test_an_editor_may_not_change_them(
    web: MadeProject, make: Factory, client_for: ClientFor, count_statements: Counting
) -> None:
    theirs = client_for(await make.member(web, ProjectRole.EDITOR))
    assert (await theirs.patch(WEB, json={"defaults": {"priority": "low"}})).status_code == 403
    async with count_statements() as seen:
        assert (await theirs.post(TASKS, json={"title": "A"})).status_code == 201
    assert len([text for text in seen if text.split()[0] in {"SELECT", "INSERT", "WITH", "UPDATE"}]) == 3
