"""Projects are made, changed, archived, thrown away and brought back; their rules hold for each of these."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from dirty_equals import IsDatetime

from taskapi.core.db.database import unit_of_work
from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, faults, pointers, problem
from tests.support.change_log import entries, kinds
from tests.support.factory import Factory, MadeProject, Person
from tests.support.statements import Counting
from tests.support.sweeps import sweep

PROJECTS = "/api/v1/projects"
WEB = f"{PROJECTS}/WEB"


@pytest.fixture
async def person(make: Factory) -> Person:
    return await make.user()


@pytest.fixture
async def owner(person: Person, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(person)


@pytest.fixture
async def web(person: Person, make: Factory) -> MadeProject:
    return await make.project(person, "WEB", "Website")


async def test_a_project_needs_a_key_and_a_name(person: Person, owner: httpx.AsyncClient) -> None:
    made = await owner.post(PROJECTS, json={"key": "WEB", "name": " Website "})
    assert (made.status_code, made.headers["location"]) == (201, WEB)
    assert made.headers["etag"] == (await owner.get(WEB)).headers["etag"]
    assert made.json() == {
        "id": made.json()["id"],
        "key": "WEB",
        "name": "Website",
        "description": None,
        "color": None,
        "estimate_unit": "points",
        "defaults": {},
        "archived": False,
        "role": "owner",
        "is_favourite": False,
        "is_template": False,
        "parent_id": None,
        "created_by": str(person.id),
        "created_at": IsDatetime(iso_string=True),
        "updated_at": made.json()["created_at"],
        "deleted_at": None,
        "version": 1,
    }
    assert UUID(made.json()["id"]).version == 7
    for name in ("WEB", made.json()["id"]):
        assert (await owner.get(f"{PROJECTS}/{name}")).json() == made.json()


async def test_a_project_is_made_with_every_field(owner: httpx.AsyncClient) -> None:
    given = {"id": str(new_id()), "key": "W2", "name": "N", "description": "Two\nlines", "color": "#2F6feb"}
    made = (await owner.post(PROJECTS, json=given)).json()
    assert {name: made[name] for name in given} == given


async def test_a_new_project_has_five_statuses_and_its_maker_as_owner(person: Person, owner: httpx.AsyncClient) -> None:
    await owner.post(PROJECTS, json={"key": "WEB", "name": "Website"})
    statuses = (await owner.get(f"{WEB}/statuses")).json()["items"]
    assert [(status["key"], status["category"], status["position"]) for status in statuses] == [
        ("backlog", "backlog", 0),
        ("todo", "unstarted", 1),
        ("in_progress", "started", 2),
        ("done", "done", 3),
        ("cancelled", "cancelled", 4),
    ]
    members = (await owner.get(f"{WEB}/members")).json()["items"]
    assert [(member["user"]["id"], member["role"]) for member in members] == [(str(person.id), "owner")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key", "web"),
        ("key", "W"),
        ("key", "1WEB"),
        ("key", "WEB-1"),
        ("key", "WEBWEBWEBWE"),
        ("key", "WÉB"),
        ("key", "WEB\n"),
        ("key", None),
        ("name", ""),
        ("name", "  "),
        ("name", "x" * 201),
        ("name", "two\nlines"),
        ("color", "red"),
        ("color", "#12345"),
        ("id", "WEB"),
        ("description", 5),
        ("archived", True),
        ("nonsense", 1),
    ],
)
async def test_a_field_that_is_not_valid_is_pointed_at(field: str, value: Any, owner: httpx.AsyncClient) -> None:
    refused = await owner.post(PROJECTS, json={"key": "WEB", "name": "Website", field: value})
    assert pointers(refused) == [f"/{field}"]


@pytest.mark.parametrize("key", ["AB", "A1", "ABCDEFGHIJ", "A123456789"])
async def test_a_key_has_two_to_ten_capitals_and_digits(key: str, owner: httpx.AsyncClient) -> None:
    assert (await owner.post(PROJECTS, json={"key": key, "name": "N"})).json()["key"] == key


async def test_a_key_belongs_to_one_project_even_from_the_trash(web: MadeProject, owner: httpx.AsyncClient) -> None:
    assert problem(await owner.post(PROJECTS, json={"key": "WEB", "name": "N"})) == (409, "project_key_taken")
    await owner.delete(WEB)
    assert problem(await owner.post(PROJECTS, json={"key": "WEB", "name": "N"})) == (409, "project_key_taken")


async def test_an_id_that_is_in_use_is_refused(web: MadeProject, owner: httpx.AsyncClient) -> None:
    refused = await owner.post(PROJECTS, json={"id": str(web.id), "key": "NEW", "name": "N"})
    assert problem(refused) == (409, "id_taken")


@pytest.mark.parametrize(
    ("field", "value"), [("name", "New"), ("description", "Text"), ("color", "#000000"), ("description", None)]
)
async def test_a_field_that_is_named_changes_and_the_others_stay(
    field: str, value: Any, owner: httpx.AsyncClient
) -> None:
    body = {"key": "WEB", "name": "Website", "description": "Old", "color": "#ffffff"}
    made = (await owner.post(PROJECTS, json=body)).json()
    changed = await owner.patch(WEB, json={field: value})
    assert changed.headers["etag"] == (await owner.get(WEB)).headers["etag"]
    assert changed.headers["etag"].startswith('"2-')
    assert changed.json() == made | {field: value, "version": 2, "updated_at": changed.json()["updated_at"]}
    assert (await owner.get(WEB)).json() == changed.json()


@pytest.mark.parametrize("field", ["name", "archived"])
async def test_what_may_not_be_null_is_refused_as_null(field: str, web: MadeProject, owner: httpx.AsyncClient) -> None:
    assert pointers(await owner.patch(WEB, json={field: None})) == [f"/{field}"]


async def test_a_key_is_for_ever(web: MadeProject, owner: httpx.AsyncClient) -> None:
    assert faults(await owner.patch(WEB, json={"key": "NEW"})) == [("/key", "extra_forbidden")]


async def test_a_patch_that_changes_nothing_keeps_the_version(
    web: MadeProject, owner: httpx.AsyncClient, tables: Any
) -> None:
    for body in ({}, {"name": "Website", "description": None, "archived": False}):
        assert (await owner.patch(WEB, json=body)).json()["version"] == 1
    assert await kinds(tables, web.id) == ["project.created"]


async def test_who_read_an_older_version_does_not_overwrite(web: MadeProject, owner: httpx.AsyncClient) -> None:
    await owner.patch(WEB, json={"name": "Theirs"})
    for stale in (
        await owner.patch(WEB, json={"name": "Mine"}, headers={"If-Match": '"1"'}),
        await owner.delete(WEB, headers={"If-Match": '"1"'}),
    ):
        assert problem(stale) == (412, "precondition_failed")
        assert (stale.json()["current"]["name"], stale.headers["etag"][:3]) == ("Theirs", '"2-')
    assert (await owner.patch(WEB, json={"name": "Mine"}, headers={"If-Match": '"2"'})).is_success


async def test_who_has_the_newest_version_gets_a_304(web: MadeProject, owner: httpx.AsyncClient) -> None:
    etag = (await owner.get(WEB)).headers["etag"]
    assert (await owner.get(WEB, headers={"If-None-Match": etag})).status_code == 304


async def test_an_archived_project_takes_nothing_but_its_way_back(web: MadeProject, owner: httpx.AsyncClient) -> None:
    archived = (await owner.patch(WEB, json={"archived": True})).json()
    assert (archived["archived"], archived["version"]) == (True, 2)
    for body in ({"name": "New"}, {"description": "Text", "color": None}):
        assert problem(await owner.patch(WEB, json=body)) == (409, "project_archived")
    again = await owner.patch(WEB, json={"archived": True})
    assert (again.status_code, again.json()["version"]) == (200, 2)
    back = (await owner.patch(WEB, json={"archived": False, "name": "New"})).json()
    assert (back["archived"], back["name"], back["version"]) == (False, "New", 3)


async def test_a_deleted_project_is_in_the_trash_alone(web: MadeProject, owner: httpx.AsyncClient) -> None:
    assert (await owner.delete(WEB)).status_code == 204
    for path in ("", "/members", "/statuses", "/tasks", "/trash"):
        assert problem(await owner.get(f"{WEB}{path}")) == (404, "not_found")
    assert column(await owner.get(PROJECTS), "key") == []
    (trashed,) = (await owner.get(f"{PROJECTS}?trashed=true")).json()["items"]
    assert (trashed["key"], trashed["deleted_at"] is not None) == ("WEB", True)


async def test_a_restored_project_is_as_it_was(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web)
    before = (await owner.get(WEB)).json()
    await owner.delete(WEB)
    restored = await owner.post(f"{WEB}/restore")
    assert restored.json() == before | {"version": 3, "updated_at": restored.json()["updated_at"]}
    assert (await owner.get("/api/v1/tasks/WEB-1")).status_code == 200


async def test_what_is_not_in_the_trash_cannot_be_restored(web: MadeProject, owner: httpx.AsyncClient) -> None:
    assert problem(await owner.post(f"{PROJECTS}/WEB/restore")) == (409, "not_in_trash")
    assert problem(await owner.post(f"{PROJECTS}/NONE/restore")) == (404, "not_found")


@pytest.mark.parametrize(
    ("role", "method", "path", "body", "permission"),
    [
        (ProjectRole.EDITOR, "PATCH", "", {"name": "New"}, "project:edit"),
        (ProjectRole.VIEWER, "PATCH", "", {"archived": True}, "project:edit"),
        (ProjectRole.ADMIN, "DELETE", "", None, "project:delete"),
        (ProjectRole.VIEWER, "DELETE", "", None, "project:delete"),
    ],
)
async def test_a_role_that_is_too_low_is_told_the_permission(
    role: ProjectRole,
    method: str,
    path: str,
    body: dict[str, Any] | None,
    permission: str,
    web: MadeProject,
    make: Factory,
    client_for: ClientFor,
) -> None:
    client = client_for(await make.member(web, role))
    refused = await client.request(method, f"{WEB}{path}", json=body)
    assert problem(refused) == (403, "forbidden")
    assert permission in refused.json()["detail"]


async def test_only_the_owner_restores(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    admin = client_for(await make.member(web, ProjectRole.ADMIN))
    await owner.delete(WEB)
    assert problem(await admin.post(f"{WEB}/restore")) == (403, "forbidden")


async def test_a_project_admin_edits_and_archives(web: MadeProject, make: Factory, client_for: ClientFor) -> None:
    admin = client_for(await make.member(web, ProjectRole.ADMIN))
    changed = (await admin.patch(WEB, json={"name": "New", "archived": True})).json()
    assert (changed["name"], changed["archived"], changed["role"]) == ("New", True, "admin")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"name": "New"}),
        ("DELETE", "", None),
        ("POST", "/restore", None),
        ("GET", "/members", None),
        ("POST", "/members", {"user_id": str(UUID(int=1)), "role": "viewer"}),
        ("GET", "/statuses", None),
    ],
)
async def test_to_an_outsider_a_foreign_project_is_as_absent_as_a_missing_one(
    method: str, path: str, body: Any, web: MadeProject, make: Factory, client_for: ClientFor, client: httpx.AsyncClient
) -> None:
    outsider = client_for(await make.user())
    answers = []
    for name in ("WEB", str(web.id), "NONE", str(uuid4()), "web"):
        answer = await outsider.request(method, f"{PROJECTS}/{name}{path}", json=body)
        assert problem(answer) == (404, "not_found")
        answers.append(answer.json() | {"instance": "", "request_id": ""})
        assert problem(await client.request(method, f"{PROJECTS}/{name}{path}", json=body)) == (401, "unauthorized")
    assert answers == answers[:1] * 5


async def test_the_change_log_tells_of_projects(person: Person, owner: httpx.AsyncClient, tables: Any) -> None:
    made = (await owner.post(PROJECTS, json={"key": "WEB", "name": "Website"})).json()
    await owner.patch(WEB, json={"name": "New"})
    await owner.patch(WEB, json={"archived": True})
    await owner.patch(WEB, json={"archived": False})
    await owner.delete(WEB)
    await owner.post(f"{WEB}/restore")
    log = await entries(tables, made["id"])
    assert [entry.kind.removeprefix("project.") for entry in log] == [
        *("created", "updated", "archived", "unarchived", "deleted", "restored")
    ]
    assert log[0].changes == {
        name: [None, value] for name, value in made.items() if name not in {"role", "is_favourite"}
    }
    assert log[1].changes == {"name": ["Website", "New"]}
    assert log[2].changes == {"archived": [False, True]}
    assert {(entry.actor_id, entry.project_id, entry.subject_key) for entry in log} == {
        (person.id, UUID(made["id"]), "WEB")
    }


async def test_trying_to_make_a_project_makes_none(owner: httpx.AsyncClient, tables: Any) -> None:
    before = await kinds(tables)
    tried = await owner.post(PROJECTS, json={"key": "WEB", "name": "N"}, headers={"Prefer": "validate-only"})
    assert (tried.status_code, tried.json()["key"]) == (201, "WEB")
    assert problem(await owner.get(WEB)) == (404, "not_found")
    assert await kinds(tables) == before


async def test_a_project_is_read_in_one_round_trip(
    web: MadeProject, owner: httpx.AsyncClient, count_statements: Counting
) -> None:
    await owner.get(WEB)
    async with count_statements() as seen:
        await owner.get(WEB)
    assert len(seen) == 1


async def test_after_thirty_days_a_project_without_tasks_is_gone(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    await owner.delete(WEB)
    await tables.execute("UPDATE projects SET deleted_at = now() - interval '31 days'")
    await sweep(make.app, "trashed_projects")
    assert column(await owner.get(f"{PROJECTS}?trashed=true"), "key") == []
    assert (await kinds(tables, web.id))[-1] == "project.purged"
    async with unit_of_work(make.app.state.parts.database) as session:
        assert session.writes  # the sweep gave its connection back
