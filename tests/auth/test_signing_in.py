"""Signing in takes a name or an address; every failure looks the same; signing out ends what it says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import time_machine

from tests.conftest import ClientFor
from tests.support.answers import pointers, problem
from tests.support.change_log import kinds
from tests.support.clocks import forget_callers_by_time
from tests.support.factory import PASSWORD, Factory, Person

AUTH = "/api/v1/auth"


@pytest.fixture
async def maria(make: Factory) -> Person:
    return await make.user("maria")


async def login(client: httpx.AsyncClient, username: str = "maria", password: str = PASSWORD) -> httpx.Response:
    return await client.post(f"{AUTH}/login", json={"username": username, "password": password})


def bearer(answer: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.mark.parametrize("name", ["maria", "MARIA", " maria ", "maria@example.com", "Maria@EXAMPLE.com"])
async def test_a_name_or_an_address_signs_in(name: str, maria: Person, client: httpx.AsyncClient) -> None:
    answer = await login(client, name)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    pair = answer.json()
    assert (pair["token_type"], pair["expires_in"], pair["user"]["username"]) == ("bearer", 600, "maria")
    assert (await client.get("/api/v1/users/me", headers=bearer(answer))).json() == pair["user"]


async def test_the_oauth2_form_gives_the_same_answer(maria: Person, client: httpx.AsyncClient) -> None:
    form = {"grant_type": "password", "username": "maria", "password": PASSWORD, "scope": ""}
    answer = await client.post(f"{AUTH}/token", data=form)
    assert answer.json().keys() == (await login(client)).json().keys()
    assert (await client.get("/api/v1/users/me", headers=bearer(answer))).is_success


async def test_the_form_takes_no_json_and_the_other_no_form(maria: Person, client: httpx.AsyncClient) -> None:
    credentials = {"username": "maria", "password": PASSWORD}
    for answer in (
        await client.post(f"{AUTH}/token", json=credentials),
        await client.post(f"{AUTH}/login", data=credentials),
    ):
        assert problem(answer) == (415, "unsupported_media_type")


async def test_no_failure_tells_what_was_wrong(
    maria: Person, make: Factory, client: httpx.AsyncClient, tables: Any
) -> None:
    disabled = await make.user()
    await tables.execute("UPDATE users SET is_active = false WHERE id = $1", disabled.id)
    answers = []
    for name, password in (
        ("maria", "wrong horse battery"),
        ("maria@example.com", "wrong horse battery"),
        ("nobody", PASSWORD),
        ("nobody@example.com", PASSWORD),
        (disabled.username, PASSWORD),
        ("' OR 1=1 --", PASSWORD),
    ):
        answer = await login(client, name, password)
        assert problem(answer) == (401, "invalid_credentials")
        answers.append(answer.json() | {"request_id": ""})
    assert answers == answers[:1] * 6


@pytest.mark.parametrize(
    ("field", "value"),
    [("username", ""), ("username", None), ("password", ""), ("password", "x" * 129), ("remember", True)],
)
async def test_a_field_that_is_not_valid_is_pointed_at(field: str, value: Any, client: httpx.AsyncClient) -> None:
    body = {"username": "maria", "password": PASSWORD, field: value}
    assert pointers(await client.post(f"{AUTH}/login", json=body)) == [f"/{field}"]


async def test_another_grant_is_refused(client: httpx.AsyncClient) -> None:
    form = {"grant_type": "client_credentials", "username": "maria", "password": PASSWORD}
    assert pointers(await client.post(f"{AUTH}/token", data=form)) == ["/grant_type"]


async def test_too_many_failures_from_one_address_have_to_wait(maria: Person, client: httpx.AsyncClient) -> None:
    for n in range(10):
        assert problem(await login(client, f"user{n}", "wrong horse battery"))[0] == 401
    refused = await login(client)
    assert problem(refused) == (429, "too_many_sign_ins")
    assert 0 < int(refused.headers["retry-after"]) <= 60
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=61), tick=False):
        assert (await login(client)).is_success


async def test_validate_says_whose_token_it_is(maria: Person, client_for: ClientFor) -> None:
    said = (await client_for(maria).get(f"{AUTH}/validate")).json()
    assert (said["user_id"], said["username"], said["role"], said["scopes"]) == (str(maria.id), "maria", "user", ["*"])
    expires_at = datetime.fromisoformat(said["expires_at"])
    assert timedelta(minutes=9) < expires_at - datetime.now(UTC) <= timedelta(minutes=10)


async def test_validate_admin_is_for_administrators(maria: Person, make: Factory, client_for: ClientFor) -> None:
    refused = await client_for(maria).get(f"{AUTH}/validate-admin")
    assert problem(refused) == (403, "forbidden")
    assert "user:manage" in refused.json()["detail"]
    admin = client_for(await make.user(admin=True))
    assert (await admin.get(f"{AUTH}/validate-admin")).json()["role"] == "admin"


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic bWFyaWE6eA==", "Bearer nonsense", "bearer a.b.c", "Bearer tapr_x"]
)
@pytest.mark.parametrize("path", ["/validate", "/validate-admin"])
async def test_what_is_no_token_is_a_401(authorization: str, path: str, client: httpx.AsyncClient) -> None:
    refused = await client.get(f"{AUTH}{path}", headers={"Authorization": authorization})
    assert refused.status_code == 401
    assert problem(refused)[1] in {"unauthorized", "invalid_token"}
    assert refused.headers["www-authenticate"].startswith("Bearer")


async def test_a_refresh_token_is_no_access_token(maria: Person, client: httpx.AsyncClient) -> None:
    headers = {"Authorization": f"Bearer {maria.refresh_token}"}
    assert problem(await client.get("/api/v1/users/me", headers=headers)) == (401, "invalid_token")


async def test_an_access_token_ends(maria: Person, client_for: ClientFor) -> None:
    client = client_for(maria)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=9), tick=False):
        assert (await client.get(f"{AUTH}/validate")).is_success
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11), tick=False):
        assert problem(await client.get(f"{AUTH}/validate")) == (401, "invalid_token")


async def test_logout_ends_this_session_and_no_other(
    maria: Person, client: httpx.AsyncClient, client_for: ClientFor
) -> None:
    other = await login(client)
    mine = client_for(maria)
    assert (await mine.post(f"{AUTH}/logout")).status_code == 204
    assert problem(await mine.get(f"{AUTH}/validate")) == (401, "invalid_token")
    refresh = {"refresh_token": maria.refresh_token}
    assert problem(await client.post(f"{AUTH}/refresh", json=refresh)) == (401, "invalid_token")
    assert (await client.get(f"{AUTH}/validate", headers=bearer(other))).is_success


async def test_logout_all_ends_every_session(
    maria: Person, make: Factory, client: httpx.AsyncClient, client_for: ClientFor
) -> None:
    other, somebody = await login(client), await make.user()
    assert (await client_for(maria).post(f"{AUTH}/logout-all")).status_code == 204
    assert problem(await client.get(f"{AUTH}/validate", headers=bearer(other))) == (401, "invalid_token")
    assert problem(await client_for(maria).get(f"{AUTH}/validate")) == (401, "invalid_token")
    assert (await client_for(somebody).get(f"{AUTH}/validate")).is_success


async def test_signing_in_and_out_is_in_the_change_log(
    maria: Person, client: httpx.AsyncClient, client_for: ClientFor, tables: Any
) -> None:
    await login(client)
    await client_for(maria).post(f"{AUTH}/logout-all")
    sessions = [kind for kind in await kinds(tables) if kind.startswith("session.")]
    assert sessions == ["session.started"] * 2 + ["session.ended"] * 2


async def test_a_disabled_account_is_out_within_five_seconds(
    maria: Person, client_for: ClientFor, tables: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(maria)
    assert (await client.get(f"{AUTH}/validate")).is_success
    await tables.execute("UPDATE users SET is_active = false WHERE id = $1", maria.id)
    forget_callers_by_time(monkeypatch)
    assert problem(await client.get(f"{AUTH}/validate")) == (401, "invalid_token")
