"""A link shows one project to whoever has it, until it ends; what opens nothing is one answer."""

import time
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from taskapi.core.observing import logs
from taskapi.core.secrets import grants
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, faults, problem
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

LINKS = "/api/v1/projects/WEB/share-links"
PASSWORD = "open sesame, please"
PAGES = ["", "/tasks"]


async def share(owner: httpx.AsyncClient, **body: Any) -> str:
    """The address that a new link opens."""
    made = await owner.post(LINKS, json=body)
    assert made.status_code == 201, made.text
    return f"/api/v1/shared/{made.json()['token']}"


async def test_the_project_is_shown_without_people(
    web: MadeProject, owner: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    await owner.patch("/api/v1/projects/WEB", json={"description": "What we build", "color": "#2f6feb"})
    shown = await client.get(await share(owner))
    assert shown.status_code == 200
    statuses = shown.json().pop("statuses")
    assert {name: value for name, value in shown.json().items() if name != "statuses"} == {
        "id": str(web.id),
        "key": "WEB",
        "name": "Website",
        "description": "What we build",
        "color": "#2f6feb",
        "archived": False,
        "attachments": False,
    }
    assert [status["key"] for status in statuses] == ["backlog", "todo", "in_progress", "done", "cancelled"]
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("page", PAGES)
async def test_a_link_without_a_password_costs_one_round_trip(
    page: str,
    web: MadeProject,
    owner: httpx.AsyncClient,
    client: httpx.AsyncClient,
    make: Factory,
    count_statements: Counting,
) -> None:
    await make.task(web)
    path = await share(owner)
    for _ in range(2):
        async with count_statements() as seen:
            assert (await client.get(f"{path}{page}")).status_code == 200
        assert len(seen) == 1


@pytest.mark.parametrize("page", PAGES)
async def test_its_use_is_noted_to_the_minute(
    page: str, web: MadeProject, owner: httpx.AsyncClient, client: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    await make.task(web)
    path = await share(owner)
    await client.get(f"{path}{page}")
    [first] = column(await owner.get(LINKS), "last_used_at")
    assert first is not None
    await client.get(f"{path}{page}")
    assert column(await owner.get(LINKS), "last_used_at") == [first]
    await tables.execute("UPDATE share_links SET last_used_at = last_used_at - interval '2 minutes'")
    await client.get(f"{path}{page}")
    assert column(await owner.get(LINKS), "last_used_at")[0] > first


@pytest.mark.parametrize("page", PAGES)
async def test_whatever_opens_nothing_is_one_answer(
    page: str,
    web: MadeProject,
    owner: httpx.AsyncClient,
    client: httpx.AsyncClient,
    make: Factory,
    client_for: ClientFor,
    tables: Any,
) -> None:
    revoked = await share(owner, label="revoked")
    await owner.delete(f"{LINKS}/{column(await owner.get(LINKS), 'id')[0]}")
    expired = await share(owner, expires_at="2999-01-01T00:00:00Z")
    expired_locked = await share(owner, expires_at="2999-01-01T00:00:00Z", password=PASSWORD)
    await tables.execute("UPDATE share_links SET expires_at = now() - interval '1 second'")
    other = await make.project(web.owner, "OTHER")
    token = (await owner.post("/api/v1/projects/OTHER/share-links", json={})).json()["token"]
    await owner.delete(f"/api/v1/projects/{other.key}")
    paths = [
        revoked,
        expired,
        expired_locked,
        f"/api/v1/shared/{token}",
        "/api/v1/shared/" + "A" * 43,
        "/api/v1/shared/" + "A" * 300,
        "/api/v1/shared/no token",
        "/api/v1/shared/" + "ü" * 43,
        "/api/v1/shared/WEB",
        f"/api/v1/shared/{web.id}",
    ]
    bodies = set()
    for path in paths:
        answer = await client.get(f"{path}{page}")
        assert problem(answer) == (404, "not_found")
        body = answer.text.replace(answer.json()["instance"], "").replace(answer.json()["request_id"], "")
        bodies.add((body, tuple(sorted(name for name in answer.headers))))
    assert len(bodies) == 1


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("fate", ["demoted", "removed", "disabled"])
async def test_a_link_is_dark_while_its_maker_could_not_make_it(
    page: str,
    fate: str,
    web: MadeProject,
    owner: httpx.AsyncClient,
    client: httpx.AsyncClient,
    make: Factory,
    client_for: ClientFor,
) -> None:
    """T8: with the very next request, for it is asked in the statement that reads."""
    await make.task(web)
    admin = await make.member(web, ProjectRole.ADMIN)
    path = f"{await share(client_for(admin))}{page}"
    assert (await client.get(path)).status_code == 200
    member = f"/api/v1/projects/WEB/members/{admin.id}"
    if fate == "demoted":
        await owner.patch(member, json={"role": "editor"})
    elif fate == "removed":
        await owner.delete(member)
    else:
        administrator = client_for(await make.user(admin=True))
        await administrator.patch(f"/api/v1/users/{admin.id}", json={"is_active": False})
    assert problem(await client.get(path)) == (404, "not_found")
    assert column(await owner.get(LINKS), "active") == [False]
    if fate == "demoted":
        await owner.patch(member, json={"role": "admin"})
        assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("page", PAGES)
async def test_a_password_is_asked_in_a_header_and_only_there(
    page: str, web: MadeProject, owner: httpx.AsyncClient, client: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web)
    path = f"{await share(owner, password=PASSWORD)}{page}"
    for headers in ({}, {"Authorization": f"Bearer {web.owner.access_token}"}):
        asked = await client.get(path, headers=headers)
        assert problem(asked) == (401, "password_required")
        assert asked.headers["www-authenticate"] == 'SharePassword header="X-Share-Password"'
        assert "Website" not in asked.text
    wrong = await client.get(path, headers={"X-Share-Password": "open sesame"})
    assert problem(wrong) == (401, "wrong_share_password")
    assert column(await owner.get(LINKS), "last_used_at") == [None]
    assert (await client.get(path, headers={"X-Share-Password": PASSWORD})).status_code == 200
    assert column(await owner.get(LINKS), "last_used_at") != [None]


async def test_a_password_that_nobody_asked_for_changes_nothing(
    web: MadeProject, owner: httpx.AsyncClient, client: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web)
    path = await share(owner)
    for page in PAGES:
        assert (await client.get(f"{path}{page}", headers={"X-Share-Password": "whatever"})).status_code == 200


@pytest.mark.parametrize("page", PAGES)
async def test_guessing_a_password_is_slowed_down(
    page: str, owner: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    path = f"{await share(owner, password=PASSWORD)}{page}"
    for _ in range(10):
        wrong = await client.get(path, headers={"X-Share-Password": "a wrong one"})
        assert problem(wrong) == (401, "wrong_share_password")
    refused = await client.get(path, headers={"X-Share-Password": PASSWORD})
    assert problem(refused) == (429, "too_many_sign_ins")
    assert int(refused.headers["retry-after"]) > 0


@pytest.fixture
def hashed(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed."""
    seen: list[str] = []
    passwords = app.state.parts.passwords
    verify = passwords.verify

    async def noted(password: str, stored: str | None) -> tuple[bool, str | None]:
        seen.append(password)
        answer: tuple[bool, str | None] = await verify(password, stored)
        return answer

    monkeypatch.setattr(passwords, "verify", noted)
    return seen


async def read(app: FastAPI, path: str, password: str = PASSWORD, address: str = "192.0.2.1") -> int:
    transport = httpx.ASGITransport(app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as reader:
        return (await reader.get(path, headers={"X-Share-Password": password})).status_code


async def test_who_reads_on_with_the_same_password_costs_one_hash(
    app: FastAPI, owner: httpx.AsyncClient, hashed: list[str], count_statements: Counting
) -> None:
    path = await share(owner, password=PASSWORD)
    assert [await read(app, f"{path}{page}") for page in (*PAGES, *PAGES)] == [200] * 4
    assert hashed == [PASSWORD]
    async with count_statements() as seen:
        assert await read(app, path) == 200
    assert len(seen) == 1


async def test_a_password_is_known_for_its_link_and_network_alone(
    app: FastAPI, owner: httpx.AsyncClient, hashed: list[str]
) -> None:
    path, other = await share(owner, password=PASSWORD), await share(owner, password="another password")
    assert await read(app, path, address="2001:db8:1:2::1") == 200
    assert await read(app, path, address="2001:db8:1:2:ffff::2") == 200
    assert len(hashed) == 1
    assert await read(app, path, address="192.0.2.2") == 200
    assert await read(app, other, address="192.0.2.2") == 401
    assert len(hashed) == 3


async def test_a_wrong_password_is_counted_and_ends_what_was_known(
    app: FastAPI, owner: httpx.AsyncClient, hashed: list[str], tables: Any
) -> None:
    """Or a guess that costs nothing would be compared with the right one."""
    path = await share(owner, password=PASSWORD)
    assert [await read(app, path, password) for password in (PASSWORD, "a guess", PASSWORD)] == [200, 401, 200]
    assert hashed == [PASSWORD, "a guess", PASSWORD]
    for n in range(9):
        await read(app, path, f"guess {n}")
    assert await read(app, path) == 429, "nothing is known while guesses are refused"
    told = "SELECT failures FROM sign_in_limits WHERE bucket LIKE 'share:%'"
    assert await tables.fetchval(told) == 9


async def test_readers_go_on_while_others_guess(app: FastAPI, owner: httpx.AsyncClient, tables: Any) -> None:
    path = await share(owner, password=PASSWORD)
    assert await read(app, path) == 200
    await tables.execute("UPDATE sign_in_limits SET failures = 100 WHERE bucket LIKE 'share:%'")
    assert await read(app, path, address="192.0.2.2") == 429
    assert await read(app, path) == 200


async def test_what_is_known_ends_with_the_link_and_with_its_password(
    app: FastAPI, owner: httpx.AsyncClient, hashed: list[str], tables: Any
) -> None:
    path = await share(owner, password=PASSWORD)
    assert await read(app, path) == 200
    new_hash = await app.state.parts.passwords.hash("a new password")
    await tables.execute("UPDATE share_links SET password_hash = $1", new_hash)
    assert await read(app, path) == 401
    assert [await read(app, path, "a new password") for _ in range(2)] == [200, 200]
    await owner.delete(f"{LINKS}/{column(await owner.get(LINKS), 'id')[0]}")
    assert await read(app, path, "a new password") == 404


async def test_a_password_is_known_for_ten_minutes(
    app: FastAPI, owner: httpx.AsyncClient, hashed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, now = await share(owner, password=PASSWORD), time.monotonic()
    for minutes in (0, 9, 11):
        monkeypatch.setattr(grants, "time", SimpleNamespace(monotonic=lambda later=minutes: now + later * 60))
        assert await read(app, path) == 200
    assert len(hashed) == 2


def test_grants_do_not_pile_up() -> None:
    held = grants.Grants(most=3)
    links = [uuid4() for _ in range(4)]
    for link in links:
        held.give(link, "192.0.2.1", "password", "hash")
        assert len(held) <= 3
    assert held.has(links[-1], "192.0.2.1", "password", "hash")


async def test_an_archived_project_can_still_be_read(
    web: MadeProject, owner: httpx.AsyncClient, client: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web)
    path = await share(owner)
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    assert (await client.get(path)).json()["archived"] is True
    assert column(await client.get(f"{path}/tasks"), "key") == ["WEB-1"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("page", PAGES)
async def test_a_link_only_reads(method: str, page: str, owner: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    answer = await client.request(method, f"{await share(owner)}{page}")
    assert problem(answer) == (405, "method_not_allowed")


async def test_a_link_is_no_sign_in(web: MadeProject, owner: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    token = (await share(owner)).rpartition("/")[2]
    for path in ("/api/v1/projects/WEB", web.tasks_path, "/api/v1/projects/WEB/members", LINKS):
        assert problem(await client.get(path, headers={"Authorization": f"Bearer {token}"}))[0] == 401


async def test_the_secret_is_in_no_log(
    owner: httpx.AsyncClient, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await share(owner)
    token = path.rpartition("/")[2]
    logged: list[dict[str, Any]] = []
    monkeypatch.setattr(logs, "access_log", SimpleNamespace(tell=lambda fields, _: logged.append(fields)))
    for address in (path, f"{path}/tasks", f"{path}/nowhere", f"/api/v1/shared/{token}x"):
        await client.get(address)
    assert token not in str(logged)
    assert [entry["path"] for entry in logged] == [f"/api/v1/shared/…{rest}" for rest in ("", "/tasks", "/nowhere", "")]


async def test_an_address_has_no_parameters_of_its_own(owner: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    path = await share(owner)
    assert faults(await client.get(f"{path}/tasks", params={"password": PASSWORD})) == [
        ("/query/password", "extra_forbidden")
    ]
