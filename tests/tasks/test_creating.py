"""Tasks are made with every field their maker gives, and refused where a field cannot be."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from dirty_equals import IsDatetime

from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import faults, pointers, problem
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

PATH = "/api/v1/projects/WEB/tasks"


async def test_a_task_needs_only_a_title(web: MadeProject, owner: httpx.AsyncClient) -> None:
    made = await owner.post(PATH, json={"title": "Fix login"})
    assert made.status_code == 201
    assert made.json() == {
        "id": made.json()["id"],
        "key": "WEB-1",
        "project_id": str(web.id),
        "number": 1,
        "title": "Fix login",
        "description": None,
        "mentions": [],
        "status": "todo",
        "status_category": "unstarted",
        "priority": "none",
        "start_on": None,
        "due_on": None,
        "due_at": None,
        "estimate": None,
        "parent_id": None,
        "rank": made.json()["rank"],
        "assignee_ids": [],
        "label_ids": [],
        "milestone_id": None,
        "cycle_id": None,
        "fields": {},
        "recurrence": None,
        "created_by": str(web.owner.id),
        "created_at": IsDatetime(iso_string=True),
        "updated_at": made.json()["created_at"],
        "completed_at": None,
        "deleted_at": None,
        "version": 1,
    }
    assert UUID(made.json()["id"]).version == 7


async def test_a_task_is_made_with_every_field(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    parent = await make.task(web)
    helper = await make.member(web, ProjectRole.VIEWER)
    given = {
        "id": str(new_id()),
        "title": "Ship “it” 🚀",
        "description": "# Why\n\n\tbecause",
        "status": "in_progress",
        "priority": "urgent",
        "start_on": "2026-03-01",
        "due_at": "2026-03-02T10:30:00.000000Z",
        "estimate": 2.5,
        "parent_id": parent["id"],
        "assignee_ids": [str(helper.id), str(web.owner.id)],
    }
    made = await owner.post(PATH, json=given)
    assert made.status_code == 201
    read = (await owner.get(f"/api/v1/tasks/{given['id']}")).json()
    assert read == made.json()
    assert {name: read[name] for name in given} == given
    assert read["status_category"] == "started"


async def test_the_answer_says_where_the_task_is(web: MadeProject, owner: httpx.AsyncClient) -> None:
    made = await owner.post(PATH, json={"title": "First"})
    assert made.headers["location"] == f"/api/v1/tasks/{made.json()['id']}"
    assert made.headers["etag"] == '"1"'
    assert (await owner.get(made.headers["location"])).json() == made.json()


async def test_instants_come_back_in_utc(web: MadeProject, owner: httpx.AsyncClient) -> None:
    made = await owner.post(PATH, json={"title": "Call", "due_at": "2026-03-02T10:30:00+05:30"})
    assert made.json()["due_at"] == "2026-03-02T05:00:00.000000Z"


async def test_every_timestamp_ends_in_z(web: MadeProject, owner: httpx.AsyncClient) -> None:
    made = (await owner.post(PATH, json={"title": "Done", "status": "done"})).json()
    assert all(made[name].endswith("Z") for name in ("created_at", "updated_at", "completed_at"))


async def test_numbers_follow_each_other_whoever_makes_tasks_elsewhere(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    first = await owner.post(PATH, json={"title": "One"})
    await make.task(await make.project())
    second = await owner.post(f"/api/v1/projects/{web.id}/tasks", json={"title": "Two"})
    assert (first.json()["key"], second.json()["key"]) == ("WEB-1", "WEB-2")


async def test_a_refused_task_takes_no_number(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    taken = await make.task(web)
    assert (await owner.post(PATH, json={"title": "Again", "id": taken["id"]})).status_code == 409
    assert (await owner.post(PATH, json={"title": "Second"})).json()["key"] == "WEB-2"


async def test_a_task_made_in_a_closed_status_is_completed(web: MadeProject, owner: httpx.AsyncClient) -> None:
    for status, category in (("done", "done"), ("cancelled", "cancelled")):
        made = (await owner.post(PATH, json={"title": "Late", "status": status})).json()
        assert (made["status_category"], made["completed_at"]) == (category, made["created_at"])


async def test_an_id_that_is_in_use_is_refused(web: MadeProject, owner: httpx.AsyncClient) -> None:
    body = {"title": "Mine", "id": str(new_id())}
    assert (await owner.post(PATH, json=body)).status_code == 201
    assert problem(await owner.post(PATH, json=body)) == (409, "id_taken")


async def test_the_same_assignee_twice_is_one(web: MadeProject, owner: httpx.AsyncClient) -> None:
    ids = [str(web.owner.id)] * 2
    assert (await owner.post(PATH, json={"title": "T", "assignee_ids": ids})).json()["assignee_ids"] == ids[:1]


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("status", "nonsense", ("/status", "unknown_status")),
        ("parent_id", str(UUID(int=1)), ("/parent_id", "unknown_parent")),
        ("assignee_ids", [str(UUID(int=1))], ("/assignee_ids/0", "unknown_assignee")),
    ],
)
async def test_what_does_not_exist_is_named(
    field: str, value: Any, fault: tuple[str, str], web: MadeProject, owner: httpx.AsyncClient
) -> None:
    assert faults(await owner.post(PATH, json={"title": "T", field: value})) == [fault]


async def test_a_parent_must_be_a_living_task_of_the_same_project(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    elsewhere = await make.task(await make.project(web.owner))
    trashed = await make.task(web)
    await owner.delete(f"/api/v1/tasks/{trashed['id']}")
    for parent in (elsewhere, trashed):
        refused = await owner.post(PATH, json={"title": "T", "parent_id": parent["id"]})
        assert faults(refused) == [("/parent_id", "unknown_parent")]


async def test_a_foreign_parent_is_refused_like_a_missing_one(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    foreign = await make.task(await make.project())
    refused = await owner.post(PATH, json={"title": "T", "parent_id": foreign["id"]})
    missing = await owner.post(PATH, json={"title": "T", "parent_id": str(uuid4())})
    assert refused.json() | {"request_id": ""} == missing.json() | {"request_id": ""}


async def test_assignees_must_be_members(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    stranger = await make.user()
    ids = [str(web.owner.id), str(stranger.id)]
    refused = await owner.post(PATH, json={"title": "T", "assignee_ids": ids})
    assert faults(refused) == [("/assignee_ids/1", "unknown_assignee")]


async def test_a_task_has_a_due_day_or_a_due_instant(web: MadeProject, owner: httpx.AsyncClient) -> None:
    both = {"title": "T", "due_on": "2026-03-01", "due_at": "2026-03-01T10:00:00Z"}
    assert (await owner.post(PATH, json=both)).status_code == 422
    assert (await owner.post(PATH, json=both | {"due_at": None})).json()["due_on"] == "2026-03-01"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "   "),
        ("title", "two\nlines"),
        ("title", "x" * 501),
        ("title", 5),
        ("title", None),
        ("id", "not-a-uuid"),
        ("id", 5),
        ("description", "NUL \0"),
        ("description", "x" * 100_001),
        ("status", "No Such Shape"),
        ("priority", "highest"),
        ("priority", None),
        ("start_on", "2026-02-30"),
        ("start_on", "2026-02-01T00:00:00Z"),
        ("due_on", 0),
        ("due_on", "0"),
        ("due_on", "1899-12-31"),
        ("due_at", "2026-03-01T10:00:00"),
        ("due_at", "2026-03-01"),
        ("due_at", "1700000000"),
        ("due_at", 1_700_000_000),
        ("estimate", -1),
        ("estimate", 1e9),
        ("estimate", "much"),
        ("parent_id", "WEB-1"),
        ("assignee_ids", None),
        ("number", 5),
        ("nonsense", 1),
    ],
)
async def test_a_field_that_is_not_valid_is_pointed_at(
    field: str, value: Any, web: MadeProject, owner: httpx.AsyncClient
) -> None:
    refused = await owner.post(PATH, json={"title": "T", field: value})
    assert pointers(refused) == [f"/{field}"]


async def test_every_fault_is_named_at_once(web: MadeProject, owner: httpx.AsyncClient) -> None:
    refused = await owner.post(PATH, json={"priority": "x", "estimate": -1, "assignee_ids": ["a"]})
    assert pointers(refused) == ["/title", "/priority", "/estimate", "/assignee_ids/0"]


async def test_a_fault_does_not_repeat_the_input(web: MadeProject, owner: httpx.AsyncClient) -> None:
    refused = await owner.post(PATH, json={"title": "T", "priority": "canary", "due_on": "canary"})
    assert "canary" not in refused.text


async def test_making_a_task_takes_five_round_trips(
    web: MadeProject, owner: httpx.AsyncClient, count_statements: Counting
) -> None:
    await owner.get("/api/v1/users/me")  # who asks is known from here on
    async with count_statements() as seen:
        await owner.post(PATH, json={"title": "T", "status": "done", "priority": "low"})
    assert len(seen) == 5


async def test_nobody_makes_tasks_without_signing_in(web: MadeProject, client: httpx.AsyncClient) -> None:
    assert problem(await client.post(PATH, json={"title": "T"})) == (401, "unauthorized")
    assert problem(await client.post(PATH, json={})) == (401, "unauthorized")


async def test_a_project_without_an_unstarted_status_gives_its_first(
    web: MadeProject, owner: httpx.AsyncClient, tables: Any
) -> None:
    await tables.execute("DELETE FROM statuses WHERE project_id = $1 AND category = 'unstarted'", web.id)
    assert (await owner.post(PATH, json={"title": "T"})).json()["status"] == "backlog"


async def test_two_people_number_their_tasks_in_one_row(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    editor = client_for(await make.member(web, ProjectRole.EDITOR))
    numbers = [(await c.post(PATH, json={"title": "T"})).json()["number"] for c in (owner, editor, owner)]
    assert numbers == [1, 2, 3]
