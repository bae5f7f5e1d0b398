"""Roles are changed and members removed by who manages them, and only up to their own role."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, faults, problem
from tests.support.change_log import entries
from tests.support.factory import Factory, MadeProject, Person

MEMBERS = "/api/v1/projects/WEB/members"
ROLES = list(ProjectRole)
MANAGERS = (ProjectRole.ADMIN, ProjectRole.OWNER)


def rank(role: ProjectRole) -> int:
    return ROLES.index(role)


async def give(client: httpx.AsyncClient, person: Person, role: str, **headers: str) -> httpx.Response:
    return await client.patch(f"{MEMBERS}/{person.id}", json={"role": role}, headers=headers)


async def remove(client: httpx.AsyncClient, person: Person, **headers: str) -> httpx.Response:
    return await client.delete(f"{MEMBERS}/{person.id}", headers=headers)


async def roles(client: httpx.AsyncClient) -> dict[str, str]:
    items = (await client.get(MEMBERS)).json()["items"]
    return {item["user"]["username"]: item["role"] for item in items}


@pytest.mark.parametrize("own", ROLES)
@pytest.mark.parametrize("theirs", ROLES)
@pytest.mark.parametrize("granted", ROLES)
async def test_a_role_is_given_by_managers_to_nobody_above_them_and_never_above_their_own(
    own: ProjectRole,
    theirs: ProjectRole,
    granted: ProjectRole,
    web: MadeProject,
    owner: httpx.AsyncClient,
    make: Factory,
    client_for: ClientFor,
) -> None:
    client = client_for(await make.member(web, own))
    somebody = await make.member(web, theirs)
    answer = await give(client, somebody, granted)
    may = own in MANAGERS and rank(theirs) <= rank(own) and rank(granted) <= rank(own)
    if may:
        assert answer.status_code == 200
        assert answer.json()["role"] == granted
    else:
        assert problem(answer) == (403, "forbidden")
        assert "member:manage" in answer.json()["detail"]
    assert (await roles(owner))[somebody.username] == (granted if may else theirs)


@pytest.mark.parametrize("own", ROLES)
@pytest.mark.parametrize("theirs", ROLES)
async def test_a_member_is_removed_by_managers_who_are_not_below_them(
    own: ProjectRole,
    theirs: ProjectRole,
    web: MadeProject,
    owner: httpx.AsyncClient,
    make: Factory,
    client_for: ClientFor,
) -> None:
    client = client_for(await make.member(web, own))
    somebody = await make.member(web, theirs)
    answer = await remove(client, somebody)
    may = own in MANAGERS and rank(theirs) <= rank(own)
    if may:
        assert answer.status_code == 204
        assert problem(await client_for(somebody).get("/api/v1/projects/WEB")) == (404, "not_found")
    else:
        assert problem(answer) == (403, "forbidden")
    assert (somebody.username in await roles(owner)) is not may


@pytest.mark.parametrize("own", ROLES)
@pytest.mark.parametrize("granted", ROLES)
async def test_nobody_raises_themselves(
    own: ProjectRole, granted: ProjectRole, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    person = await make.member(web, own)
    answer = await give(client_for(person), person, granted)
    assert answer.status_code == (200 if own in MANAGERS and rank(granted) <= rank(own) else 403)


async def test_a_changed_role_is_what_the_member_is_from_now_on(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    maria = await make.member(web, ProjectRole.VIEWER)
    client = client_for(maria)
    assert (await client.post(web.tasks_path, json={"title": "Hers"})).status_code == 403
    await give(owner, maria, "editor")
    assert (await client.post(web.tasks_path, json={"title": "Hers"})).status_code == 201


@pytest.mark.parametrize("change", [{"role": "viewer"}, None], ids=["demoted", "removed"])
async def test_the_last_owner_stays(
    change: dict[str, str] | None, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.member(web, ProjectRole.ADMIN)
    answer = await (give(owner, web.owner, "viewer") if change else remove(owner, web.owner))
    assert problem(answer) == (409, "last_owner")
    assert (await roles(owner))[web.owner.username] == "owner"


async def test_an_owner_whose_account_is_disabled_is_no_owner_to_leave_a_project_to(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    other = await make.member(web, ProjectRole.OWNER)
    administrator = client_for(await make.user(admin=True))
    await administrator.patch(f"/api/v1/users/{other.id}", json={"is_active": False})
    assert problem(await give(owner, web.owner, "admin")) == (409, "last_owner")
    assert (await remove(owner, other)).status_code == 204


async def test_one_of_two_owners_may_go(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    other = await make.member(web, ProjectRole.OWNER)
    assert (await give(owner, web.owner, "editor")).status_code == 200
    assert (await remove(client_for(other), web.owner)).status_code == 204


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_who_is_no_member_is_not_found_before_the_role_is_asked(
    method: str, web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    viewer = client_for(await make.member(web, ProjectRole.VIEWER))
    outsider = await make.user()
    details = set()
    for client in (owner, viewer):
        for user_id in (outsider.id, uuid4()):
            body = {"json": {"role": "viewer"}} if method == "PATCH" else {}
            answer = await client.request(method, f"{MEMBERS}/{user_id}", **body)  # type: ignore[arg-type]
            assert problem(answer) == (404, "not_found")
            details.add(answer.json()["detail"])
    assert len(details) == 1


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_outsiders_cannot_tell_a_project_from_none(
    method: str, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    outsider = client_for(await make.user())
    body = {"json": {"role": "viewer"}} if method == "PATCH" else {}
    details = set()
    for project in ("WEB", str(web.id), "MISSING", str(uuid4())):
        path = f"/api/v1/projects/{project}/members/{web.owner.id}"
        answer = await outsider.request(method, path, **body)  # type: ignore[arg-type]
        assert problem(answer) == (404, "not_found")
        details.add(answer.json()["detail"])
    assert len(details) == 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"role": None}, [("/role", "enum")]),
        ({"role": "king"}, [("/role", "enum")]),
        ({"role": "viewer", "user_id": str(uuid4())}, [("/user_id", "extra_forbidden")]),
        ({"role": "viewer", "version": 7}, [("/version", "extra_forbidden")]),
    ],
)
async def test_only_a_role_is_changed(
    body: dict[str, Any], expected: list[tuple[str, str]], web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    somebody = await make.member(web, ProjectRole.EDITOR)
    answer = await owner.patch(f"{MEMBERS}/{somebody.id}", json=body)
    assert faults(answer) == expected


async def test_nothing_to_change_changes_nothing(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    somebody = await make.member(web, ProjectRole.EDITOR)
    unchanged = await owner.patch(f"{MEMBERS}/{somebody.id}", json={})
    assert (unchanged.status_code, unchanged.json()["role"], unchanged.headers["etag"][:3]) == (200, "editor", '"1-')


async def test_a_stale_version_stops_a_change_and_a_removal(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    somebody = await make.user()
    added = await owner.post(MEMBERS, json={"user_id": str(somebody.id), "role": "viewer"})
    assert added.headers["etag"].startswith('"1-')
    changed = await give(owner, somebody, "editor", **{"If-Match": '"1"'})
    assert changed.headers["etag"].startswith('"2-')
    assert (await give(owner, somebody, "editor")).headers["etag"].startswith('"2-')
    for stale in (
        await give(owner, somebody, "admin", **{"If-Match": '"1"'}),
        await remove(owner, somebody, **{"If-Match": '"1"'}),
    ):
        assert problem(stale) == (412, "precondition_failed")
        assert stale.json()["current"] == changed.json()
    assert (await remove(owner, somebody, **{"If-Match": '"2"'})).status_code == 204


async def test_a_stale_version_is_told_before_the_last_owner(web: MadeProject, owner: httpx.AsyncClient) -> None:
    for stale in (
        await give(owner, web.owner, "viewer", **{"If-Match": '"7"'}),
        await remove(owner, web.owner, **{"If-Match": '"7"'}),
    ):
        assert problem(stale) == (412, "precondition_failed")


async def test_an_archived_project_keeps_its_roles_but_lets_access_be_taken_away(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    somebody = await make.member(web, ProjectRole.EDITOR)
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    assert problem(await give(owner, somebody, "viewer")) == (409, "project_archived")
    assert (await remove(owner, somebody)).status_code == 204


async def test_who_is_removed_is_off_the_tasks_of_this_project(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    maria = await make.member(web, ProjectRole.EDITOR)
    elsewhere = await make.project(web.owner, "ELSE")
    await make.member(elsewhere, ProjectRole.EDITOR, maria)
    both, hers, his = [str(web.owner.id), str(maria.id)], [str(maria.id)], [str(web.owner.id)]
    shared = await make.task(web, assignee_ids=both)
    thrown_away = await make.task(web, assignee_ids=hers)
    untouched = await make.task(web, assignee_ids=his)
    there = await make.task(elsewhere, assignee_ids=hers)
    await owner.delete(f"/api/v1/tasks/{thrown_away['key']}")
    assert (await remove(owner, maria)).status_code == 204

    after = (await owner.get(f"/api/v1/tasks/{shared['key']}")).json()
    assert (after["assignee_ids"], after["version"]) == (his, 2)
    assert (await owner.get(f"/api/v1/tasks/{untouched['key']}")).json() == untouched
    assert (await owner.get(f"/api/v1/tasks/{there['key']}")).json() == there
    restored = await owner.post(f"/api/v1/tasks/{thrown_away['key']}/restore")
    assert restored.json()["assignee_ids"] == []

    [removal] = [entry for entry in await entries(tables, maria.id) if entry.kind == "member.removed"]
    assert removal.changes == {
        "user_id": [str(maria.id), None],
        "role": ["editor", None],
        "weekly_capacity": [None, None],
    }
    assert (removal.actor_id, removal.project_id, removal.subject_key) == (web.owner.id, web.id, "WEB")
    last = (await entries(tables, shared["id"]))[-1]
    assert (last.kind, last.subject_key) == ("task.updated", shared["key"])
    assert last.changes == {"assignee_ids": [both, his]}
    batch = await tables.fetch(
        "SELECT kind FROM events WHERE batch_id = (SELECT batch_id FROM events WHERE kind = 'member.removed')"
        " ORDER BY seq"
    )
    assert [row["kind"] for row in batch] == ["member.removed", "task.updated", "task.updated"]


async def test_a_change_of_role_is_in_the_change_log_once(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    somebody = await make.member(web, ProjectRole.VIEWER)
    for _ in range(2):
        assert (await give(owner, somebody, "editor")).status_code == 200
    [change] = [entry for entry in await entries(tables, somebody.id) if entry.kind == "member.role_changed"]
    assert change.changes == {"role": ["viewer", "editor"]}
    assert (change.actor_id, change.project_id) == (web.owner.id, web.id)


async def test_who_was_removed_can_be_added_again(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    somebody = await make.member(web, ProjectRole.EDITOR)
    await remove(owner, somebody)
    assert problem(await remove(owner, somebody)) == (404, "not_found")
    again = await owner.post(MEMBERS, json={"user_id": str(somebody.id), "role": "viewer"})
    assert again.status_code == 201
    assert column(await owner.get(MEMBERS), "role") == ["owner", "viewer"]
