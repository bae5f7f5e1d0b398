"""Administrators end whatever somebody is signed in with."""

from typing import Any

import httpx

from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.change_log import kinds
from tests.support.factory import Factory
from tests.support.people import is_alive, sign_in

NOBODY = "01900000-0000-7000-8000-000000000000"


async def test_sessions_and_tokens_end_and_the_account_stays(
    client: httpx.AsyncClient, make: Factory, client_for: ClientFor, tables: Any
) -> None:
    ana, root = await make.user("ana"), await make.user(admin=True)
    token = {"name": "script", "scopes": ["tasks:read"], "expires_at": "2027-01-01T00:00:00Z"}
    secret = (await client_for(ana).post("/api/v1/auth/tokens", json=token)).json()["token"]
    script = {"Authorization": f"Bearer {secret}"}
    assert (await client.get("/api/v1/tasks", headers=script)).status_code == 200
    done = await client_for(root).post(f"/api/v1/users/{ana.id}/sign-out")
    assert (done.status_code, done.content) == (204, b"")
    assert not await is_alive(client, ana)
    assert problem(await client.get("/api/v1/tasks", headers=script)) == (401, "invalid_token")
    assert {"session.ended", "api_token.revoked"} <= set(await kinds(tables))
    assert (await sign_in(client, "ana")).status_code == 200
    assert await is_alive(client, root)


async def test_only_administrators_may_and_only_somebody_who_is_there(make: Factory, client_for: ClientFor) -> None:
    ana, root = await make.user(), await make.user(admin=True)
    for user_id in (root.id, NOBODY):
        assert problem(await client_for(ana).post(f"/api/v1/users/{user_id}/sign-out")) == (403, "forbidden")
    assert problem(await client_for(root).post(f"/api/v1/users/{NOBODY}/sign-out")) == (404, "not_found")
