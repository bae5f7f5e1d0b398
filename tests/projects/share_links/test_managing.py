"""Project admins make links, see them without their secrets, and revoke them."""

import hashlib
from typing import Any
from uuid import uuid4

import httpx
import pytest
from dirty_equals import IsDatetime, IsStr, IsUUID

from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, faults, problem, walk
from tests.support.change_log import entries
from tests.support.factory import Factory, MadeProject

LINKS = "/api/v1/projects/WEB/share-links"
PASSWORD = "open sesame, please"
ROLES = list(ProjectRole)
MANAGERS = (ProjectRole.ADMIN, ProjectRole.OWNER)


async def test_a_link_is_made_and_its_secret_shown_once(
    web: MadeProject, owner: httpx.AsyncClient, tables: Any
) -> None:
    body = {"label": "For the client", "password": PASSWORD, "expires_at": "2999-01-01T00:00:00Z"}
    made = await owner.post(LINKS, json=body)
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    link = made.json()
    assert made.headers["location"] == f"{LINKS}/{link['id']}"
    assert made.headers["etag"].startswith('"1-')
    assert link == {
        "id": IsUUID,
        "label": "For the client",
        "has_password": True,
        "attachments": False,
        "expires_at": "2999-01-01T00:00:00.000000Z",
        "created_by": str(web.owner.id),
        "created_at": IsDatetime(iso_string=True),
        "last_used_at": None,
        "active": True,
        "version": 1,
        "token": IsStr(regex=r"[A-Za-z0-9_-]{43}"),
        "url": f"http://127.0.0.1:8000/shared/{link['token']}",
    }
    listed = await owner.get(LINKS)
    assert listed.json()["items"] == [{k: v for k, v in link.items() if k not in {"token", "url"}}]
    stored = await tables.fetchrow("SELECT token_hash, password_hash FROM share_links")
    assert stored["token_hash"] == hashlib.sha256(link["token"].encode()).digest()
    assert stored["password_hash"].startswith("$argon2id$")
    [fact] = await entries(tables, link["id"])
    assert (fact.kind, fact.actor_id, fact.project_id) == ("share_link.created", web.owner.id, web.id)
    everything = str(await tables.fetch("SELECT changes::text FROM events")) + listed.text
    for secret in (link["token"], PASSWORD, stored["password_hash"], stored["token_hash"].hex()):
        assert secret not in everything


@pytest.mark.parametrize("role", ROLES)
async def test_links_are_the_business_of_project_admins(
    role: ProjectRole, web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    link = (await owner.post(LINKS, json={})).json()
    client = client_for(await make.member(web, role))
    answers = [
        await client.get(LINKS),
        await client.post(LINKS, json={}),
        await client.delete(f"{LINKS}/{link['id']}"),
    ]
    if role in MANAGERS:
        assert [answer.status_code for answer in answers] == [200, 201, 204]
    else:
        for answer in answers:
            assert problem(answer) == (403, "forbidden")
            assert "share_link:manage" in answer.json()["detail"]


async def test_links_are_listed_newest_first(owner: httpx.AsyncClient) -> None:
    labels = [f"Link {n}" for n in range(5)]
    for label in labels:
        await owner.post(LINKS, json={"label": label})
    assert [item["label"] for item in await walk(owner, LINKS, limit=2)] == labels[::-1]


async def test_a_revoked_link_is_gone_also_from_an_archived_project(owner: httpx.AsyncClient, tables: Any) -> None:
    link = (await owner.post(LINKS, json={})).json()
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    assert problem(await owner.post(LINKS, json={})) == (409, "project_archived")
    path = f"{LINKS}/{link['id']}"
    assert (await owner.delete(path)).status_code == 204
    assert problem(await owner.delete(path)) == (404, "not_found")
    assert column(await owner.get(LINKS), "id") == []
    assert (await entries(tables, link["id"]))[-1].kind == "share_link.revoked"


async def test_a_link_is_read_alone_and_revoked_by_who_has_seen_it(owner: httpx.AsyncClient, tables: Any) -> None:
    made = await owner.post(LINKS, json={"label": "x"})
    path = made.headers["location"]
    found = await owner.get(path)
    assert found.json() == {k: v for k, v in made.json().items() if k not in {"token", "url"}}
    assert found.headers["etag"].startswith('"1-')
    stale = await owner.delete(path, headers={"If-Match": '"7"'})
    assert (problem(stale), stale.json()["current"]) == ((412, "precondition_failed"), found.json())
    await tables.execute("UPDATE share_links SET expires_at = now()")
    assert (await owner.get(path)).json()["active"] is False
    assert (await owner.delete(path, headers={"If-Match": '"1"'})).status_code == 204
    assert problem(await owner.get(path)) == (404, "not_found")


async def test_a_client_may_choose_the_id_of_a_link_once(owner: httpx.AsyncClient) -> None:
    body = {"id": str(new_id())}
    assert (await owner.post(LINKS, json=body)).json()["id"] == body["id"]
    assert problem(await owner.post(LINKS, json=body)) == (409, "id_taken")


async def test_a_link_of_another_project_is_as_absent_as_none(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.project(web.owner, "OTHER")
    theirs = (await owner.post("/api/v1/projects/OTHER/share-links", json={})).json()
    foreign, missing = [await owner.delete(f"{LINKS}/{i}") for i in (theirs["id"], uuid4())]
    assert problem(foreign) == problem(missing) == (404, "not_found")
    assert foreign.json()["detail"] == missing.json()["detail"]
    assert column(await owner.get("/api/v1/projects/OTHER/share-links"), "id") == [theirs["id"]]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_outsiders_cannot_tell_a_project_from_none(
    method: str, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    outsider = client_for(await make.user())
    body: Any = {"json": {}} if method == "POST" else {}
    found, missing = [await outsider.request(method, LINKS.replace("WEB", key), **body) for key in ("WEB", "MISSING")]
    assert problem(found) == problem(missing) == (404, "not_found")
    assert found.json()["detail"] == missing.json()["detail"]


async def test_a_project_has_a_hundred_links_at_most(web: MadeProject, owner: httpx.AsyncClient, tables: Any) -> None:
    await tables.execute(
        "INSERT INTO share_links (id, project_id, token_hash, created_by, created_at)"
        " SELECT gen_random_uuid(), $1, decode(md5(n::text), 'hex'), $2, now() FROM generate_series(1, 100) n",
        web.id,
        web.owner.id,
    )
    assert problem(await owner.post(LINKS, json={})) == (409, "too_many_share_links")


async def test_a_repeat_makes_no_second_link_and_repeats_no_secret(owner: httpx.AsyncClient, tables: Any) -> None:
    headers = {"Idempotency-Key": "once"}
    first = await owner.post(LINKS, json={}, headers=headers)
    assert (await owner.post(LINKS, json={}, headers=headers)).status_code == 409
    assert len(column(await owner.get(LINKS), "id")) == 1
    kept = await tables.fetchval("SELECT string_agg(encode(body, 'escape'), '') FROM idempotent_answers")
    assert first.json()["token"] not in (kept or "")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"password": "short"}, [("/password", "string_too_short")]),
        ({"password": "x" * 129}, [("/password", "string_too_long")]),
        ({"password": "schlüsselwort"}, [("/password", "string_pattern_mismatch")]),
        ({"password": " leading space"}, [("/password", "string_pattern_mismatch")]),
        ({"password": "two\nlines of it"}, [("/password", "string_pattern_mismatch")]),
        ({"expires_at": "2020-01-01T00:00:00Z"}, [("/expires_at", "value_error")]),
        ({"expires_at": "tomorrow"}, [("/expires_at", "value_error")]),
        ({"label": ""}, [("/label", "string_too_short")]),
        ({"token": "mine"}, [("/token", "extra_forbidden")]),
        ({"token_hash": "mine"}, [("/token_hash", "extra_forbidden")]),
        ({"project_id": str(uuid4())}, [("/project_id", "extra_forbidden")]),
        ({"revoked_at": None}, [("/revoked_at", "extra_forbidden")]),
    ],
)
async def test_what_a_link_may_not_be(
    body: dict[str, Any], expected: list[tuple[str, str]], web: MadeProject, owner: httpx.AsyncClient
) -> None:
    assert faults(await owner.post(LINKS, json=body)) == expected
