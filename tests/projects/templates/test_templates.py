"""Templates of tasks: kept by those who write tasks, held against their project, and true while it changes."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
from dirty_equals import IsDatetime, IsStr

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, faults, problem
from tests.support.change_log import entries, kinds
from tests.support.custom_fields import add
from tests.support.factory import Factory, MadeProject

TEMPLATES = "/api/v1/projects/WEB/templates"
BARE: dict[str, Any] = {
    "description": None,
    "priority": "none",
    "estimate": None,
    "due_in_days": None,
    "assignee_ids": [],
    "label_ids": [],
    "fields": {},
    "checklist": [],
    "subtasks": [],
    "version": 1,
}


async def make_one(client: httpx.AsyncClient, **given: Any) -> dict[str, Any]:
    made = await client.post(TEMPLATES, json={"name": "Release", **given})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def add_label(client: httpx.AsyncClient, name: str = "bug") -> str:
    made = await client.post("/api/v1/projects/WEB/labels", json={"name": name, "color": "#d73a4a"})
    label_id: str = made.json()["id"]
    return label_id


async def test_a_template_is_made_read_changed_and_deleted(
    owner: httpx.AsyncClient, web: MadeProject, tables: Any
) -> None:
    made = await owner.post(TEMPLATES, json={"name": "Release"})
    template = made.json()
    assert template == {
        "id": IsStr(),
        "name": "Release",
        "title": "Release",
        "created_at": IsDatetime(iso_string=True),
        **BARE,
    }
    assert made.headers["location"] == f"{TEMPLATES}/{template['id']}"
    one = made.headers["location"]
    assert (await owner.get(one)).json() == template
    given = {
        "title": "Release it",
        "description": "As **written**",
        "priority": "high",
        "estimate": 2.5,
        "due_in_days": 7,
        "assignee_ids": [str(web.owner.id)],
        "label_ids": [await add_label(owner)],
        "checklist": ["One", "Two"],
        "subtasks": ["Below"],
    }
    changed = await owner.patch(one, json=given, headers={"If-Match": made.headers["etag"]})
    assert changed.json() == {**template, **given, "version": 2}
    assert (await owner.patch(one, json=given)).json()["version"] == 2
    assert problem(await owner.patch(one, json=given, headers={"If-Match": '"1"'})) == (412, "precondition_failed")
    nothing: dict[str, Any] = {"description": None, "due_in_days": None, "label_ids": []}
    cleared = (await owner.patch(one, json=nothing)).json()
    assert {name: cleared[name] for name in nothing} == nothing
    assert column(await owner.get(TEMPLATES), "name") == ["Release"]
    assert (await owner.delete(one)).status_code == 204
    assert problem(await owner.get(one)) == (404, "not_found")
    assert await kinds(tables, template["id"]) == [
        "task_template.created",
        "task_template.updated",
        "task_template.updated",
        "task_template.deleted",
    ]


async def test_what_it_names_is_held_against_the_project(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    await add(owner, "severity", "select", options=[{"key": "high", "name": "High"}])
    await add(owner, "reviewer", "user")
    stranger, bug = str((await make.user()).id), await add_label(owner)
    template = await make_one(owner, fields={"severity": "high", "reviewer": str(web.owner.id)}, label_ids=[bug])
    for given, fault in (
        ({"assignee_ids": [str(web.owner.id), stranger]}, ("/assignee_ids/1", "unknown_assignee")),
        ({"label_ids": [bug, str(uuid4())]}, ("/label_ids/1", "unknown_label")),
        ({"fields": {"severity": "low"}}, ("/fields/severity", "invalid_value")),
        ({"fields": {"reviewer": stranger}}, ("/fields/reviewer", "unknown_user")),
        ({"fields": {"none": 1}}, ("/fields/none", "unknown_field")),
        ({"due_in_days": -1}, ("/due_in_days", "greater_than_equal")),
        ({"subtasks": ["x"] * 51}, ("/subtasks", "too_long")),
        ({"checklist": ["x", ""]}, ("/checklist/1", "string_too_short")),
        ({"title": None}, ("/title", "string_type")),
    ):
        assert faults(await owner.patch(f"{TEMPLATES}/{template['id']}", json=given)) == [fault]
        if "title" not in given:
            assert faults(await owner.post(TEMPLATES, json={"name": "Other", **given})) == [fault]
    assert (await owner.get(f"{TEMPLATES}/{template['id']}")).json() == template
    left = await owner.patch(f"{TEMPLATES}/{template['id']}", json={"fields": {"reviewer": None}})
    assert left.json()["fields"] == {"severity": "high"}


async def test_names_are_unique_and_their_number_bounded(
    owner: httpx.AsyncClient, web: MadeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_one(owner)
    other = await make_one(owner, name="Other")
    assert problem(await owner.post(TEMPLATES, json={"name": "RELEASE"})) == (409, "task_template_name_taken")
    taken = await owner.patch(f"{TEMPLATES}/{other['id']}", json={"name": "release"})
    assert problem(taken) == (409, "task_template_name_taken")
    monkeypatch.setattr("taskapi.projects.templates.service._MOST", 2)
    assert problem(await owner.post(TEMPLATES, json={"name": "Third"})) == (409, "too_many_task_templates")
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    for refused in (
        await owner.post(TEMPLATES, json={"name": "Third"}),
        await owner.patch(f"{TEMPLATES}/{other['id']}", json={"name": "Third"}),
        await owner.delete(f"{TEMPLATES}/{other['id']}"),
        await owner.post(f"{TEMPLATES}/{other['id']}/apply"),
    ):
        assert problem(refused) == (409, "project_archived")


async def test_what_goes_from_the_project_goes_from_it(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, client_for: ClientFor, tables: Any
) -> None:
    field = await add(owner, "reviewer", "user")
    await add(owner, "note", "text")
    bo = await make.member(web, ProjectRole.EDITOR)
    labels = [await add_label(owner, name) for name in ("bug", "chore")]
    both = [str(bo.id), str(web.owner.id)]
    values = {"reviewer": both[0], "note": both[0]}
    named = await make_one(owner, assignee_ids=both, label_ids=labels, fields=values)
    untouched = await make_one(owner, name="Other", assignee_ids=both[1:], label_ids=labels[1:])
    told = len(await entries(tables, named["id"]))
    one = f"{TEMPLATES}/{named['id']}"
    await owner.delete(f"/api/v1/projects/WEB/labels/{labels[0]}")
    assert (await owner.get(one)).json()["label_ids"] == labels[1:]
    await client_for(bo).post("/api/v1/projects/WEB/leave")
    left = (await owner.get(one)).json()
    # A text that happens to be an id names nobody.
    assert (left["assignee_ids"], left["fields"]) == (both[1:], {"note": both[0]})
    await owner.patch(one, json={"fields": {"reviewer": both[1]}})
    await owner.delete(field)
    assert (await owner.get(one)).json()["fields"] == {"note": both[0]}
    assert (await owner.get(f"{TEMPLATES}/{untouched['id']}")).json() == untouched
    facts = (await entries(tables, named["id"]))[told:]
    assert [set(fact.changes) for fact in facts] == [{"label_ids"}, {"assignee_ids", "fields"}, {"fields"}, {"fields"}]


async def test_a_copy_of_the_project_has_them(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    await add(owner, "reviewer", "user")
    await add(owner, "severity", "text")
    bo, bug = await make.member(web, ProjectRole.VIEWER), await add_label(owner)
    template = await make_one(
        owner,
        assignee_ids=[str(web.owner.id), str(bo.id)],
        label_ids=[bug],
        fields={"reviewer": str(web.owner.id), "severity": "high"},
        checklist=["One"],
        subtasks=["Below"],
    )
    copied = await client_for(bo).post("/api/v1/projects/WEB/duplicate", json={"key": "COPY", "name": "Copy"})
    assert copied.status_code == 201
    [found] = (await client_for(bo).get("/api/v1/projects/COPY/templates")).json()["items"]
    [label] = (await client_for(bo).get("/api/v1/projects/COPY/labels")).json()["items"]
    assert found == {
        **template,
        "id": found["id"],
        "assignee_ids": [str(bo.id)],
        "label_ids": [label["id"]],
        "fields": {"severity": "high"},
    }
    assert found["id"] != template["id"]


@pytest.mark.slow
async def test_a_label_that_goes_meanwhile_stays_on_none(live: Factory) -> None:
    project = await live.project(key="WEB")
    async with live.client(project.owner) as first, live.client(project.owner) as second:
        template = await make_one(first)
        for number in range(5):
            label = await add_label(first, f"Label {number}")
            named, gone = await asyncio.gather(
                first.patch(f"{TEMPLATES}/{template['id']}", json={"label_ids": [label]}),
                second.delete(f"/api/v1/projects/WEB/labels/{label}"),
            )
            assert gone.status_code == 204
            assert named.status_code in {200, 422}
            assert (await first.get(f"{TEMPLATES}/{template['id']}")).json()["label_ids"] == []
