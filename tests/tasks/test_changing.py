"""PATCH changes what it names, keeps what it does not, and overwrites nobody who was faster."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import faults, pointers, problem
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

WEB_1 = "/api/v1/tasks/WEB-1"


@pytest.fixture
async def task(web: MadeProject, make: Factory) -> dict[str, Any]:
    """WEB-1, with something in every field."""
    return await make.task(
        web,
        "Before",
        description="Long",
        priority="low",
        start_on="2026-01-01",
        due_on="2026-01-31",
        estimate=3,
        assignee_ids=[str(web.owner.id)],
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "After"),
        ("description", "Short"),
        ("priority", "urgent"),
        ("start_on", "2026-01-15"),
        ("due_on", "2026-02-28"),
        ("estimate", 0.5),
        ("assignee_ids", []),
    ],
)
async def test_a_field_that_is_named_changes_and_the_others_stay(
    field: str, value: Any, task: dict[str, Any], owner: httpx.AsyncClient
) -> None:
    changed = await owner.patch(WEB_1, json={field: value})
    assert changed.headers["etag"] == '"2"'
    after = changed.json()
    assert after["updated_at"] > task["updated_at"]
    assert after == task | {field: value, "version": 2, "updated_at": after["updated_at"]}
    assert (await owner.get(WEB_1)).json() == after


@pytest.mark.parametrize("field", ["description", "start_on", "due_on", "estimate"])
async def test_null_clears(field: str, task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    assert (await owner.patch(WEB_1, json={field: None})).json()[field] is None


@pytest.mark.parametrize("field", ["title", "status", "priority", "assignee_ids"])
async def test_what_may_not_be_null_is_refused_as_null(
    field: str, task: dict[str, Any], owner: httpx.AsyncClient
) -> None:
    assert pointers(await owner.patch(WEB_1, json={field: None})) == [f"/{field}"]


@pytest.mark.parametrize("field", ["id", "key", "number", "rank", "created_by", "version", "fields", "project_id"])
async def test_what_a_patch_does_not_take_is_refused(
    field: str, task: dict[str, Any], owner: httpx.AsyncClient
) -> None:
    assert faults(await owner.patch(WEB_1, json={field: task[field]})) == [(f"/{field}", "extra_forbidden")]


async def test_a_patch_that_changes_nothing_keeps_the_version(task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    same = {name: task[name] for name in ("title", "due_on", "due_at", "estimate", "assignee_ids", "status")}
    for body in ({}, same):
        answer = await owner.patch(WEB_1, json=body)
        assert (answer.status_code, answer.json(), answer.headers["etag"]) == (200, task, '"1"')


async def test_the_same_instant_in_another_zone_changes_nothing(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web, due_at="2026-01-01T12:00:00Z")
    assert (await owner.patch(WEB_1, json={"due_at": "2026-01-01T14:00:00+02:00"})).json()["version"] == 1


async def test_one_due_takes_the_place_of_the_other(task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    instant = (await owner.patch(WEB_1, json={"due_at": "2026-02-01T12:00:00Z"})).json()
    assert (instant["due_on"], instant["due_at"]) == (None, "2026-02-01T12:00:00.000000Z")
    day = (await owner.patch(WEB_1, json={"due_on": "2026-02-02"})).json()
    assert (day["due_on"], day["due_at"]) == ("2026-02-02", None)


async def test_both_dues_at_once_are_refused(task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    both = {"due_on": "2026-02-02", "due_at": "2026-02-01T12:00:00Z"}
    assert (await owner.patch(WEB_1, json=both)).status_code == 422
    assert (await owner.patch(WEB_1, json=both | {"due_on": None})).json()["due_on"] is None


@pytest.mark.parametrize(("status", "category"), [("done", "done"), ("cancelled", "cancelled")])
async def test_a_closed_status_completes_and_an_open_one_takes_it_back(
    status: str, category: str, task: dict[str, Any], owner: httpx.AsyncClient
) -> None:
    closed = (await owner.patch(WEB_1, json={"status": status})).json()
    assert (closed["status"], closed["status_category"]) == (status, category)
    assert closed["completed_at"] is not None
    opened = (await owner.patch(WEB_1, json={"status": "backlog"})).json()
    assert (opened["status_category"], opened["completed_at"]) == ("backlog", None)


async def test_from_one_closed_status_to_another_it_was_completed_then(
    task: dict[str, Any], owner: httpx.AsyncClient
) -> None:
    done = (await owner.patch(WEB_1, json={"status": "done"})).json()
    cancelled = (await owner.patch(WEB_1, json={"status": "cancelled"})).json()
    assert cancelled["completed_at"] == done["completed_at"]


async def test_between_open_statuses_nothing_is_completed(task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    assert (await owner.patch(WEB_1, json={"status": "in_progress"})).json()["completed_at"] is None


async def test_unknown_references_are_named(task: dict[str, Any], owner: httpx.AsyncClient, make: Factory) -> None:
    stranger = await make.user()
    assert faults(await owner.patch(WEB_1, json={"status": "nope"})) == [("/status", "unknown_status")]
    assert faults(await owner.patch(WEB_1, json={"parent_id": str(uuid4())})) == [("/parent_id", "unknown_parent")]
    unknown = await owner.patch(WEB_1, json={"assignee_ids": [str(stranger.id)]})
    assert faults(unknown) == [("/assignee_ids/0", "unknown_assignee")]


async def test_a_refused_patch_changes_nothing(task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    await owner.patch(WEB_1, json={"title": "After", "status": "nope"})
    assert (await owner.get(WEB_1)).json() == task


async def test_a_task_is_put_below_another_and_out_again(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    parent = await make.task(web)
    await make.task(web)
    below = await owner.patch("/api/v1/tasks/WEB-2", json={"parent_id": parent["id"]})
    assert below.json()["parent_id"] == parent["id"]
    assert (await owner.patch("/api/v1/tasks/WEB-2", json={"parent_id": None})).json()["parent_id"] is None


async def test_a_task_is_never_below_itself(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    top = await make.task(web)
    middle = await make.task(web, parent_id=top["id"])
    bottom = await make.task(web, parent_id=middle["id"])
    for parent in (top, middle, bottom):
        refused = await owner.patch(WEB_1, json={"parent_id": parent["id"]})
        assert problem(refused) == (409, "parent_cycle")


async def test_who_read_an_older_version_does_not_overwrite(task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    newest = (await owner.patch(WEB_1, json={"title": "Theirs"})).json()
    stale = await owner.patch(WEB_1, json={"title": "Mine"}, headers={"If-Match": '"1"'})
    assert problem(stale) == (412, "precondition_failed")
    assert (stale.json()["current"], stale.headers["etag"]) == (newest, '"2"')
    assert (await owner.get(WEB_1)).json() == newest


@pytest.mark.parametrize("header", ['"1"', "*", '"7", "1"'])
async def test_who_read_the_newest_version_writes(header: str, task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    written = await owner.patch(WEB_1, json={"title": "Mine"}, headers={"If-Match": header})
    assert (written.status_code, written.json()["version"]) == (200, 2)


@pytest.mark.parametrize("header", ["1", 'W/"1"', '"x"', ""])
async def test_what_is_no_strong_tag_never_matches(header: str, task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    refused = await owner.patch(WEB_1, json={"title": "Mine"}, headers={"If-Match": header})
    assert problem(refused) == (412, "precondition_failed")


async def test_a_stale_version_is_told_before_what_the_object_forbids(
    task: dict[str, Any], owner: httpx.AsyncClient
) -> None:
    refused = await owner.patch(WEB_1, json={"status": "nope"}, headers={"If-Match": '"9"'})
    assert problem(refused) == (412, "precondition_failed")


async def test_changing_a_task_takes_five_round_trips(
    task: dict[str, Any], owner: httpx.AsyncClient, count_statements: Counting
) -> None:
    await owner.get(WEB_1)
    async with count_statements() as seen:
        await owner.patch(WEB_1, json={"title": "After", "status": "done"}, headers={"If-Match": '"1"'})
    assert len(seen) == 5


async def test_a_patch_needs_a_json_object(task: dict[str, Any], owner: httpx.AsyncClient) -> None:
    for body in ("[]", '"text"', "null", "5"):
        refused = await owner.patch(WEB_1, content=body, headers={"Content-Type": "application/json"})
        assert problem(refused) == (422, "validation_error")


async def test_an_assignee_who_is_a_member_is_taken_by_patch(
    task: dict[str, Any], web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    helper = await make.member(web, ProjectRole.COMMENTER)
    ids = [str(helper.id), str(web.owner.id)]
    assert (await owner.patch(WEB_1, json={"assignee_ids": ids})).json()["assignee_ids"] == ids


async def test_a_patch_may_call_itself_a_merge_patch(make: Factory, client_for: ClientFor) -> None:
    project = await make.project()
    task = await make.task(project)
    headers = {"Content-Type": "application/merge-patch+json"}
    client = client_for(project.owner)
    changed = await client.patch(f"/api/v1/tasks/{task['id']}", content='{"title": "New"}', headers=headers)
    assert (changed.status_code, changed.json()["title"]) == (200, "New")
    made = await client.post(project.tasks_path, content='{"title": "New"}', headers=headers)
    assert made.status_code == 415
