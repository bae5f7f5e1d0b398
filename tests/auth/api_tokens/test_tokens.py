"""Personal API tokens are made, shown once, listed, used, and revoked by their owner alone."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from taskapi.core.access.permissions import Scope
from taskapi.core.clock import utc_now
from taskapi.core.secrets import token_text as api_tokens
from taskapi.main import create_app
from taskapi.models import ProjectRole
from taskapi.settings import Settings
from tests.conftest import ClientFor
from tests.support import change_log
from tests.support.answers import column, faults, pointers, problem
from tests.support.api_tokens import api_token, carrying, pass_time, wanted
from tests.support.factory import Factory, Person
from tests.support.statements import Counting

TOKENS = "/api/v1/auth/tokens"


@pytest.fixture
async def maria(make: Factory) -> Person:
    return await make.user("maria")


@pytest.fixture
async def session(maria: Person, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(maria)


async def test_a_token_opens_what_its_scopes_say(
    session: httpx.AsyncClient, maria: Person, make: Factory, client_for: ClientFor
) -> None:
    project = await make.project(maria, key="WEB")
    made = await session.post(TOKENS, json=wanted("tasks:read", "tasks:write"))
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    script = carrying(client_for(None), made.json()["token"])
    assert (await script.post(project.tasks_path, json={"title": "By a script"})).status_code == 201
    assert (await script.get("/api/v1/tasks/WEB-1")).json()["created_by"] == str(maria.id)
    assert problem(await script.get("/api/v1/projects/WEB")) == (403, "insufficient_scope")


async def test_one_is_read_alone_where_its_making_said(
    session: httpx.AsyncClient, client_for: ClientFor, make: Factory
) -> None:
    made = await session.post(TOKENS, json=wanted("tasks:read"))
    assert made.headers["location"] == f"{TOKENS}/{made.json()['id']}"
    read = await session.get(made.headers["location"])
    assert {**read.json(), "token": made.json()["token"]} == made.json()
    assert read.headers["etag"] == made.headers["etag"]
    stranger = client_for(await make.user())
    foreign, missing = await stranger.get(made.headers["location"]), await stranger.get(f"{TOKENS}/{uuid4()}")
    assert problem(foreign) == problem(missing) == (404, "not_found")


async def test_one_is_revoked_in_the_only_version_it_has(session: httpx.AsyncClient) -> None:
    made = await session.post(TOKENS, json=wanted("tasks:read"))
    path = made.headers["location"]
    stale = await session.delete(path, headers={"If-Match": '"77"'})
    assert problem(stale) == (412, "precondition_failed")
    assert stale.json()["current"] == (await session.get(path)).json()
    assert (await session.delete(path, headers={"If-Match": made.headers["etag"]})).status_code == 204
    assert problem(await session.get(path)) == (404, "not_found")


async def test_the_secret_is_told_once_and_stored_nowhere(session: httpx.AsyncClient, tables: Any) -> None:
    made = (await session.post(TOKENS, json=wanted("tasks:read"), headers={"Idempotency-Key": "once"})).json()
    secret = made.pop("token")
    assert api_tokens.is_well_formed(secret)
    assert secret.startswith(made["prefix"])
    assert (await session.get(TOKENS)).json()["items"] == [made]
    for name in ("api_tokens", "events", "idempotent_answers"):
        rows = await tables.fetch(f"SELECT t::text AS row FROM {name} t")
        assert rows
        assert not any(secret in row["row"] or secret.encode().hex() in row["row"] for row in rows)


async def test_a_repeat_with_the_same_key_makes_no_second_token_and_shows_no_secret(
    session: httpx.AsyncClient,
) -> None:
    body, key = wanted("tasks:read"), {"Idempotency-Key": "once"}
    assert (await session.post(TOKENS, json=body, headers=key)).status_code == 201
    assert problem(await session.post(TOKENS, json=body, headers=key)) == (409, "answer_not_kept")
    assert len(column(await session.get(TOKENS), "id")) == 1


async def test_the_newest_token_comes_first_and_no_one_elses_comes(
    session: httpx.AsyncClient, make: Factory, maria: Person, client_for: ClientFor
) -> None:
    for name in ("Old", "New"):
        await session.post(TOKENS, json={**wanted("tasks:read"), "name": name})
    other = await make.user()
    await api_token(make, other, "tasks:read")
    assert column(await session.get(TOKENS), "name") == ["New", "Old"]
    assert (await session.get(f"{TOKENS}?limit=1&include=total")).json()["total"] == 2


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["tasks:everything"]}, "/scopes/0"),
        ({"scopes": ["auth:write"]}, "/scopes/0"),
        ({"name": " "}, "/name"),
        ({"project_ids": []}, "/project_ids"),
        ({"expires_at": None}, "/expires_at"),
        ({"expires_at": (utc_now() - timedelta(seconds=1)).isoformat()}, "/expires_at"),
        ({"expires_at": (utc_now() + timedelta(days=367)).isoformat()}, "/expires_at"),
        ({"user_id": str(uuid4())}, "/user_id"),
    ],
)
async def test_what_no_token_may_be_is_refused(
    change: dict[str, Any], pointer: str, session: httpx.AsyncClient
) -> None:
    assert pointers(await session.post(TOKENS, json={**wanted("tasks:read"), **change})) == [pointer]


async def test_an_expiry_is_required(session: httpx.AsyncClient) -> None:
    body = wanted("tasks:read")
    del body["expires_at"]
    assert faults(await session.post(TOKENS, json=body)) == [("/expires_at", "missing")]


async def test_projects_that_are_missing_trashed_or_of_others_get_one_answer(
    session: httpx.AsyncClient, maria: Person, make: Factory
) -> None:
    mine, trashed, foreign = await make.project(maria), await make.project(maria), await make.project()
    await session.delete(f"/api/v1/projects/{trashed.key}")
    answers = []
    for project_id in (uuid4(), trashed.id, foreign.id):
        refused = await session.post(TOKENS, json=wanted("tasks:read", project_ids=[mine.id, project_id]))
        assert faults(refused) == [("/project_ids/1", "unknown_project")]
        answers.append(refused.json() | {"request_id": ""})
    assert answers[0] == answers[1] == answers[2]
    assert column(await session.get(TOKENS), "id") == []


async def test_a_revoked_token_is_dead_at_once_and_revoked_once(
    session: httpx.AsyncClient, client_for: ClientFor, tables: Any
) -> None:
    made = (await session.post(TOKENS, json=wanted("tasks:read"))).json()
    script = carrying(client_for(None), made["token"])
    assert (await script.get("/api/v1/tasks")).status_code == 200
    assert (await session.delete(f"{TOKENS}/{made['id']}")).status_code == 204
    assert problem(await script.get("/api/v1/tasks")) == (401, "invalid_token")
    assert problem(await session.delete(f"{TOKENS}/{made['id']}")) == (404, "not_found")
    assert column(await session.get(TOKENS), "id") == []
    told = ["api_token.created", "api_token.first_used", "api_token.revoked"]
    assert await change_log.kinds(tables, made["id"]) == told


async def test_nobody_revokes_the_token_of_another(
    session: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    other = await make.user()
    theirs = client_for(other)
    made = (await theirs.post(TOKENS, json=wanted("tasks:read"))).json()
    foreign, missing = await session.delete(f"{TOKENS}/{made['id']}"), await session.delete(f"{TOKENS}/{uuid4()}")
    assert problem(foreign) == problem(missing) == (404, "not_found")
    assert foreign.json()["detail"] == missing.json()["detail"]
    assert column(await theirs.get(TOKENS), "id") == [made["id"]]


async def test_a_token_dies_when_it_expires(
    session: httpx.AsyncClient, client_for: ClientFor, tables: Any, app: FastAPI
) -> None:
    made = (await session.post(TOKENS, json=wanted("tasks:read"))).json()
    script = carrying(client_for(None), made["token"])
    assert (await script.get("/api/v1/tasks")).status_code == 200
    await tables.execute("UPDATE api_tokens SET expires_at = now() - interval '1 second'")
    pass_time(app)
    assert problem(await script.get("/api/v1/tasks")) == (401, "invalid_token")


async def test_a_remembered_token_dies_when_it_expires(
    session: httpx.AsyncClient, client_for: ClientFor, tables: Any
) -> None:
    made = (await session.post(TOKENS, json={**wanted("tasks:read"), "expires_at": _soon()})).json()
    script = carrying(client_for(None), made["token"])
    assert (await script.get("/api/v1/tasks")).status_code == 200
    await asyncio.sleep(0.6)
    assert problem(await script.get("/api/v1/tasks")) == (401, "invalid_token")


async def test_a_token_revoked_in_one_process_is_dead_in_another_within_five_seconds(live: Factory) -> None:
    maria = await live.user()
    other_app = create_app(Settings(), live.app.state.parts.database, live.app.state.parts.passwords)
    other_process = Factory(other_app)
    async with live.client(maria) as session, other_process.client() as client:
        made = (await session.post(TOKENS, json=wanted("tasks:read"))).json()
        script = carrying(client, made["token"])
        assert (await script.get("/api/v1/tasks")).status_code == 200
        await session.delete(f"{TOKENS}/{made['id']}")
        pass_time(other_app)
        assert problem(await script.get("/api/v1/tasks")) == (401, "invalid_token")


async def test_when_and_from_where_it_was_used_is_noted_once_a_minute(
    session: httpx.AsyncClient, client_for: ClientFor, tables: Any, app: FastAPI
) -> None:
    made = (await session.post(TOKENS, json=wanted("tasks:read"))).json()
    assert (made["last_used_at"], made["last_used_address"]) == (None, None)
    script = carrying(client_for(None), made["token"])
    noted = []
    for minutes_ago in (0, 0, 2):
        await tables.execute(
            "UPDATE api_tokens SET last_used_at = last_used_at - $1::interval", timedelta(minutes=minutes_ago)
        )
        await script.get("/api/v1/tasks")
        pass_time(app)
        [shown] = (await session.get(TOKENS)).json()["items"]
        noted.append(shown["last_used_at"])
        assert shown["last_used_address"] == "127.0.0.1"
    assert noted[0] is not None
    assert noted[0] == noted[1] < noted[2]


async def test_a_typo_is_refused_without_asking_the_database(
    session: httpx.AsyncClient, client_for: ClientFor, count_statements: Counting
) -> None:
    token = (await session.post(TOKENS, json=wanted("tasks:read"))).json()["token"]
    typo = token[:-1] + ("0" if token[-1] != "0" else "1")
    async with count_statements() as seen:
        assert problem(await carrying(client_for(None), typo).get("/api/v1/tasks")) == (401, "invalid_token")
    assert seen == []
    assert problem(await carrying(client_for(None), api_tokens.new_token()).get("/api/v1/tasks"))[0] == 401


async def test_a_token_says_whose_it_is_and_what_it_may_do(
    session: httpx.AsyncClient, maria: Person, client_for: ClientFor
) -> None:
    made = (await session.post(TOKENS, json=wanted("tasks:write", "tasks:read"))).json()
    shown = (await carrying(client_for(None), made["token"]).get("/api/v1/auth/validate")).json()
    assert (shown["user_id"], shown["token_id"], shown["session_id"]) == (str(maria.id), made["id"], None)
    assert shown["scopes"] == ["tasks:read", "tasks:write"]
    assert shown["expires_at"][:19] == made["expires_at"][:19]


async def test_a_token_may_never_more_than_its_owner(make: Factory, maria: Person, client_for: ClientFor) -> None:
    project = await make.project()
    await make.member(project, ProjectRole.VIEWER, maria)
    script = carrying(client_for(None), await api_token(make, maria, *Scope))
    assert problem(await script.post(project.tasks_path, json={"title": "x"})) == (403, "forbidden")


async def test_an_administrators_token_is_no_administrators_session(make: Factory, client_for: ClientFor) -> None:
    root = await make.user(admin=True)
    foreign = await make.project(key="FAR")
    script = carrying(client_for(None), await api_token(make, root, *Scope))
    assert problem(await script.get(f"/api/v1/projects/{foreign.key}")) == (404, "not_found")
    assert problem(await script.get(f"/api/v1/users/{foreign.owner.id}")) == (404, "not_found")
    assert problem(await script.get("/api/v1/users")) == (403, "insufficient_scope")
    assert "components" not in (await script.get("/health")).json()


async def test_what_a_script_does_is_told_as_its_own(
    make: Factory, maria: Person, client_for: ClientFor, tables: Any
) -> None:
    project = await make.project(maria, key="WEB")
    script = carrying(client_for(None), await api_token(make, maria, "tasks:write"))
    task = (await script.post(project.tasks_path, json={"title": "x"})).json()
    row = await tables.fetchrow("SELECT * FROM events WHERE subject_id = $1", task["id"])
    token_id = await tables.fetchval("SELECT id FROM api_tokens")
    assert (row["actor_id"], row["actor_kind"], row["token_id"]) == (maria.id, "token", token_id)


async def test_a_token_gets_no_answer_that_its_owner_got(
    make: Factory, maria: Person, session: httpx.AsyncClient, client_for: ClientFor
) -> None:
    """The key is the same, for it is the user's; but the token may see less."""
    open_to_it, closed_to_it = await make.project(maria), await make.project(maria)
    script = carrying(client_for(None), await api_token(make, maria, "tasks:write", project_ids=[open_to_it.id]))
    request = {"json": {"title": "Secret"}, "headers": {"Idempotency-Key": "guessed"}}
    assert (await session.post(closed_to_it.tasks_path, **request)).status_code == 201  # type: ignore[arg-type]
    refused = await script.post(closed_to_it.tasks_path, **request)  # type: ignore[arg-type]
    assert problem(refused) == (403, "forbidden")
    assert "Secret" not in refused.text


async def test_there_is_an_end_to_how_many(session: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taskapi.auth.api_tokens.service._MOST", 1)
    assert (await session.post(TOKENS, json=wanted("tasks:read"))).status_code == 201
    assert problem(await session.post(TOKENS, json=wanted("tasks:read"))) == (409, "too_many_tokens")


def _soon() -> str:
    return (utc_now() + timedelta(seconds=0.5)).isoformat()
