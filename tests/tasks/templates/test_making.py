"""A task from a template: what the request says wins, the rest is the template's, and all of it is made at once."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import faults, problem, walk
from tests.support.change_log import entries
from tests.support.custom_fields import add
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

WEB = "/api/v1/projects/WEB"
EVENING = datetime(2026, 11, 20, 20, tzinfo=UTC)
TASKS, TEMPLATES = f"{WEB}/tasks", f"{WEB}/templates"


async def template(client: httpx.AsyncClient, **given: Any) -> str:
    made = await client.post(TEMPLATES, json={"name": "Release", **given})
    assert made.status_code == 201, made.text
    template_id: str = made.json()["id"]
    return template_id


@pytest.fixture
async def label(owner: httpx.AsyncClient, web: MadeProject) -> str:
    label_id: str = (await owner.post(f"{WEB}/labels", json={"name": "bug", "color": "#d73a4a"})).json()["id"]
    return label_id


@pytest.fixture
async def full(owner: httpx.AsyncClient, web: MadeProject, label: str) -> str:
    await add(owner, "severity", "text")
    await add(owner, "note", "text")
    return await template(
        owner,
        title="Release it",
        description="As written",
        priority="high",
        estimate=3,
        due_in_days=7,
        assignee_ids=[str(web.owner.id)],
        label_ids=[label],
        fields={"severity": "high", "note": "first"},
        checklist=["One", "Two"],
        subtasks=["Build", "Announce"],
    )


async def test_a_task_is_as_its_template_says(
    owner: httpx.AsyncClient, web: MadeProject, full: str, label: str, tables: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await owner.patch("/api/v1/users/me", json={"timezone": "Pacific/Auckland"})
    monkeypatch.setattr("taskapi.tasks.templates.service.utc_now", lambda: EVENING)
    told = len(await entries(tables))
    made = await owner.post(TASKS, json={"template_id": full})
    assert made.status_code == 201, made.text
    task = made.json()
    assert {name: task[name] for name in ("title", "description", "priority", "estimate", "due_on", "fields")} == {
        "title": "Release it",
        "description": "As written",
        "priority": "high",
        "estimate": 3,
        "due_on": "2026-11-28",  # a week after the day it is in Auckland
        "fields": {"severity": "high", "note": "first"},
    }
    assert (task["assignee_ids"], task["label_ids"], task["status"]) == ([str(web.owner.id)], [label], "todo")
    items = await walk(owner, f"/api/v1/tasks/{task['key']}/checklist")
    assert [(item["text"], item["done"], item["position"]) for item in items] == [("One", False, 0), ("Two", False, 1)]
    below = await walk(owner, TASKS, parent=task["key"], sort="number")
    assert [(sub["title"], sub["key"], sub["status"], sub["label_ids"]) for sub in below] == [
        ("Build", "WEB-2", "todo", []),
        ("Announce", "WEB-3", "todo", []),
    ]
    assert (await owner.post(TASKS, json={"title": "Next"})).json()["key"] == "WEB-4"
    facts = (await entries(tables))[told : told + 5]
    assert len({fact.batch_id for fact in facts}) == 1
    assert [fact.kind for fact in facts] == [
        "task.created",
        *("checklist_item.created", "checklist_item.created"),
        *("task.created", "task.created"),
    ]


async def test_what_the_request_says_wins(owner: httpx.AsyncClient, web: MadeProject, full: str, make: Factory) -> None:
    given: dict[str, Any] = {
        "title": "Mine",
        "description": None,
        "priority": "none",
        "due_at": "2027-01-01T12:00:00Z",
        "assignee_ids": [],
        "label_ids": [],
        "fields": {"note": "second"},
    }
    task = (await owner.post(TASKS, json={"template_id": full, **given})).json()
    assert {name: task[name] for name in given} == {
        **given,
        "due_at": "2027-01-01T12:00:00.000000Z",
        "fields": {"severity": "high", "note": "second"},
    }
    assert (task["due_on"], task["estimate"]) == (None, 3)


async def test_what_neither_says_is_the_projects(owner: httpx.AsyncClient, web: MadeProject, label: str) -> None:
    await owner.patch(WEB, json={"defaults": {"priority": "low", "label_ids": [label], "status": "backlog"}})
    bare = await template(owner, subtasks=["Below"], estimate=1)
    task = (await owner.post(TASKS, json={"template_id": bare})).json()
    [below] = await walk(owner, TASKS, parent=task["id"])
    for one in (task, below):
        assert (one["priority"], one["label_ids"], one["status"]) == ("low", [label], "backlog")
    assert (task["title"], below["estimate"]) == ("Release", None)


async def test_what_the_project_has_no_more_is_left_out(
    owner: httpx.AsyncClient, web: MadeProject, full: str, tables: Any, make: Factory
) -> None:
    gone = (await make.user()).id
    await add(owner, "reviewer", "user")
    # As by somebody who takes it away at that very moment.
    await tables.execute(
        "UPDATE task_templates SET label_ids = ARRAY[$1::uuid], assignee_ids = assignee_ids || $2::uuid,"
        " fields = jsonb_build_object('severity', 1, 'none', 'x', 'note', 'first', 'reviewer', $2::uuid)",
        uuid4(),
        gone,
    )
    task = (await owner.post(TASKS, json={"template_id": full})).json()
    assert (task["label_ids"], task["assignee_ids"]) == ([], [str(web.owner.id)])
    assert task["fields"] == {"note": "first"}


async def test_required_fields_are_asked_for(owner: httpx.AsyncClient, web: MadeProject) -> None:
    with_value = await template(owner, subtasks=["Below"])
    await add(owner, "cost", "number", required=True)
    assert faults(await owner.post(TASKS, json={"template_id": with_value})) == [("/fields/cost", "required")]
    assert (await owner.post(TASKS, json={"template_id": with_value, "fields": {"cost": 1}})).status_code == 201
    # There is nowhere to say it.
    assert (await owner.post(f"{TEMPLATES}/{with_value}/apply")).status_code == 201


async def test_what_cannot_be_made(owner: httpx.AsyncClient, web: MadeProject, make: Factory, full: str) -> None:
    other = await make.project(web.owner, "OPS")
    foreign = (await owner.post("/api/v1/projects/OPS/templates", json={"name": "Theirs"})).json()["id"]
    for unknown in (foreign, str(uuid4())):
        assert faults(await owner.post(TASKS, json={"template_id": unknown})) == [("/template_id", "unknown_template")]
        assert problem(await owner.post(f"{TEMPLATES}/{unknown}/apply")) == (404, "not_found")
    assert other.key == "OPS"
    assert faults(await owner.post(TASKS, json={})) == [("/title", "missing")]
    assert faults(await owner.post(TASKS, json={"template_id": None})) == [("/title", "missing")]
    assert faults(await owner.post(TASKS, json={"template_id": full, "title": ""})) == [("/title", "string_too_short")]
    late = {"template_id": full, "start_on": "2999-01-01"}
    assert faults(await owner.post(TASKS, json=late)) == [("/start_on", "starts_after_due")]
    assert await walk(owner, TASKS) == []


async def test_subtasks_count_in_depth_and_limits(
    owner: httpx.AsyncClient, web: MadeProject, full: str, make: Factory
) -> None:
    above = None
    for number in range(5):
        above = (await make.task(web, str(number), parent_id=above))["id"]
    assert problem(await owner.post(TASKS, json={"template_id": full, "parent_id": above})) == (409, "too_deep")
    assert (await owner.post(TASKS, json={"title": "Leaf", "parent_id": above})).status_code == 201
    statuses = await walk(owner, f"{WEB}/statuses")
    backlog = next(status["id"] for status in statuses if status["key"] == "backlog")
    await owner.patch(f"{WEB}/statuses/{backlog}", json={"wip_limit": 2})
    crowded = await owner.post(TASKS, json={"template_id": full, "status": "backlog"})
    assert problem(crowded) == (409, "wip_limit_reached")
    await owner.patch(f"{WEB}/statuses/{backlog}", json={"wip_limit": 3})
    assert (await owner.post(TASKS, json={"template_id": full, "status": "backlog"})).status_code == 201
    assert len(await walk(owner, TASKS, status="backlog")) == 3


async def test_applied_on_a_day(
    owner: httpx.AsyncClient, web: MadeProject, full: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskapi.tasks.templates.service.utc_now", lambda: EVENING)
    today = await owner.post(f"{TEMPLATES}/{full}/apply")
    then = await owner.post(f"{TEMPLATES}/{full}/apply", json={"on": "2027-01-01"})
    assert (today.status_code, today.headers["location"]) == (201, f"/api/v1/tasks/{today.json()['id']}")
    assert (today.json()["due_on"], then.json()["due_on"]) == ("2026-11-27", "2027-01-08")
    assert (then.json()["title"], then.json()["key"]) == ("Release it", "WEB-4")


async def test_in_a_batch_too(owner: httpx.AsyncClient, web: MadeProject, full: str) -> None:
    made = {"op": "create", "project": "WEB", "template_id": full}
    done = await owner.post("/api/v1/tasks/batch", json={"operations": [made, {"op": "complete", "task": "$0.id"}]})
    assert done.status_code == 200, done.text
    assert [result["body"]["title"] for result in done.json()["results"]] == ["Release it"] * 2


async def test_who_asks_for_none_pays_for_none(
    owner: httpx.AsyncClient, web: MadeProject, full: str, count_statements: Counting
) -> None:
    async with count_statements() as seen:
        await owner.post(TASKS, json={"title": "Plain"})
    assert not any("task_templates" in str(statement) for statement in seen)


async def test_viewers_make_none(
    owner: httpx.AsyncClient, web: MadeProject, full: str, make: Factory, client_for: ClientFor
) -> None:
    viewer = client_for(await make.member(web, ProjectRole.VIEWER))
    assert (await viewer.get(f"{TEMPLATES}/{full}")).status_code == 200
    for refused in (
        await viewer.post(f"{TEMPLATES}/{full}/apply"),
        await viewer.post(TASKS, json={"template_id": full}),
        await viewer.delete(f"{TEMPLATES}/{full}"),
    ):
        assert problem(refused) == (403, "forbidden")
