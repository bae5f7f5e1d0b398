"""Anybody makes an account where registration is open, with a password that is worth the name."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from dirty_equals import IsDatetime

from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Registration, Settings
from tests.support.answers import faults, pointers, problem
from tests.support.change_log import entries
from tests.support.databases import RolledBackDatabase
from tests.support.factory import PASSWORD, Factory

REGISTER = "/api/v1/auth/register"
LOGIN = "/api/v1/auth/login"
MARIA = {"username": "maria", "email": "maria@example.com", "password": PASSWORD}


async def test_an_account_needs_a_name_an_address_and_a_password(client: httpx.AsyncClient) -> None:
    made = await client.post(REGISTER, json=MARIA)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert made.json() == {
        "id": made.json()["id"],
        "username": "maria",
        "email": "maria@example.com",
        "full_name": None,
        "role": "user",
        "is_active": True,
        "email_verified": False,
        "timezone": "UTC",
        "locale": "en",
        "created_at": IsDatetime(iso_string=True),
        "version": 1,
    }
    assert UUID(made.json()["id"]).version == 7


async def test_an_account_takes_a_full_name_and_a_time_zone(client: httpx.AsyncClient) -> None:
    body = MARIA | {"full_name": "María José", "timezone": "Europe/Vienna"}
    made = (await client.post(REGISTER, json=body)).json()
    assert (made["full_name"], made["timezone"]) == ("María José", "Europe/Vienna")


async def test_who_has_registered_can_sign_in(client: httpx.AsyncClient) -> None:
    made = await client.post(REGISTER, json=MARIA)
    answer = await client.post(LOGIN, json={"username": "maria", "password": PASSWORD})
    assert answer.json()["user"] == made.json()


@pytest.mark.parametrize("username", ["maria", "MARIA", "Maria"])
async def test_a_username_is_one_whatever_its_case(username: str, client: httpx.AsyncClient) -> None:
    await client.post(REGISTER, json=MARIA)
    taken = await client.post(REGISTER, json=MARIA | {"username": username, "email": "other@example.com"})
    assert problem(taken) == (409, "username_taken")


@pytest.mark.parametrize(
    ("username", "reason"),
    [
        ("deleted-01a1fe152f1973f5b500e06a3fe08d04", "deleted"),
        ("Deleted-maria", "deleted"),
        ("01a1fe15-2f19-73f5-b500-e06a3fe08d04", "an id"),
        ("01A1FE152F1973F5B500E06A3FE08D04", "an id"),
        ("01a1fe152f19-73f5-b500-e06a3fe08d04", "an id"),
        ("0-1a1fe152f1973f5b500e06a3fe08d04", "an id"),
        ("00000000_000000000000000000000.0", None),
    ],
)
async def test_nobody_is_called_as_an_id_or_a_deleted_account_is(
    username: str, reason: str | None, client: httpx.AsyncClient
) -> None:
    answer = await client.post(REGISTER, json=MARIA | {"username": username})
    if reason is None:
        assert answer.status_code == 201
    else:
        assert problem(answer) == (422, "validation_error")
        assert pointers(answer) == ["/username"]
        assert reason in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    "username", ["deleted", "deletedbob", "not-deleted-bob", "cafe", "01a1fe152f1973f5b500e06a3fe08d"]
)
async def test_such_names_are_few(username: str, client: httpx.AsyncClient) -> None:
    assert (await client.post(REGISTER, json=MARIA | {"username": username})).status_code == 201


@pytest.mark.parametrize("email", ["maria@example.com", "MARIA@Example.COM", " maria@example.com "])
async def test_an_address_is_one_whatever_its_case(email: str, client: httpx.AsyncClient) -> None:
    await client.post(REGISTER, json=MARIA)
    taken = await client.post(REGISTER, json=MARIA | {"username": "other", "email": email})
    assert problem(taken) == (409, "email_taken")


async def test_an_international_address_has_one_form(client: httpx.AsyncClient) -> None:
    body = MARIA | {"email": "Jos\u0065\u0301@B\u00fccher.example"}
    made = await client.post(REGISTER, json=body)
    assert made.json()["email"] == "jos\u00e9@xn--bcher-kva.example"
    taken = await client.post(REGISTER, json=body | {"username": "other", "email": "jos\u00e9@xn--bcher-kva.example"})
    assert problem(taken) == (409, "email_taken")
    for login in ("jos\u00e9@b\u00fccher.example", "JOS\u00c9@B\u00dcCHER.example"):
        assert (await client.post(LOGIN, json={"username": login, "password": PASSWORD})).is_success


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "password1234",
        "Password1234!",
        "taskapi12345",
        "1q2w3e4r5t6y",
        "123456789012",
        "abcdefghijkl",
        "zyxwvutsrqpo",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "montgomery-1",
        "Montgomery99",
        "montgomery2026!!",
        "mmont@example.com",
        "MMONT@example.com1",
        "Scott Montgomery",
        "Scottington12",
    ],
)
async def test_a_weak_password_is_refused(password: str, client: httpx.AsyncClient) -> None:
    body = {
        "username": "montgomery",
        "email": "mmont@example.com",
        "full_name": "Scott Montgomery Scottington",
        "password": password,
    }
    if password == "Scott Montgomery":
        body["full_name"] = password
    refused = await client.post(REGISTER, json=body)
    assert faults(refused) == [("/password", "weak_password")]
    assert password not in refused.text


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "Tr0ub4dour&3xyz",
        "    spaces    in    it",
        "пароль-длинный-как-мост",
        "🦄" * 4 + "stable ox",
    ],
)
async def test_a_long_password_of_any_kind_is_taken(password: str, client: httpx.AsyncClient) -> None:
    assert (await client.post(REGISTER, json=MARIA | {"password": password})).status_code == 201
    assert (await client.post(LOGIN, json={"username": "maria", "password": password})).is_success
    assert problem(await client.post(LOGIN, json={"username": "maria", "password": password.strip() + "!"})) == (
        401,
        "invalid_credentials",
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", ""),
        ("username", "a b"),
        ("username", "-maria"),
        ("username", "maria@example.com"),
        ("username", "m" * 41),
        ("username", "märia"),
        ("username", None),
        ("email", "maria"),
        ("email", "maria@"),
        ("email", "maria@nowhere..example"),
        ("email", "Maria <maria@example.com>"),
        ("email", None),
        ("password", "x" * 129),
        ("password", ""),
        ("password", 123456789012),
        ("full_name", ""),
        ("timezone", "Europe/Atlantis"),
        ("timezone", "../../etc/passwd"),
        ("role", "admin"),
        ("is_active", True),
        ("nonsense", 1),
    ],
)
async def test_a_field_that_is_not_valid_is_pointed_at(field: str, value: Any, client: httpx.AsyncClient) -> None:
    assert pointers(await client.post(REGISTER, json=MARIA | {field: value})) == [f"/{field}"]


async def test_a_registration_is_in_the_change_log_without_the_password(client: httpx.AsyncClient, tables: Any) -> None:
    made = (await client.post(REGISTER, json=MARIA)).json()
    (entry,) = await entries(tables, made["id"])
    assert (entry.kind, entry.actor_id, entry.subject_key) == ("user.registered", None, "maria")
    assert entry.changes == {name: [None, value] for name, value in made.items()}


async def test_trying_to_register_registers_nobody(client: httpx.AsyncClient) -> None:
    tried = await client.post(REGISTER, json=MARIA, headers={"Prefer": "validate-only"})
    assert problem(tried) == (422, "not_a_dry_run")
    assert problem(await client.post(LOGIN, json={"username": "maria", "password": PASSWORD}))[0] == 401
    assert (await client.post(REGISTER, json=MARIA)).status_code == 201


@pytest.mark.parametrize("setting", [Registration.CLOSED, Registration.INVITE])
async def test_where_registration_is_not_open_nobody_registers(
    setting: Registration, tables: Any, shared_database: RolledBackDatabase, quick_passwords: Passwords
) -> None:
    settings = Settings.model_validate({"security": {"registration": setting}})
    async with Factory(create_app(settings, shared_database, quick_passwords)).client() as client:
        assert problem(await client.post(REGISTER, json=MARIA)) == (403, "registration_closed")
        assert pointers(await client.post(REGISTER, json=MARIA | {"email": "x"})) == ["/email"]


async def test_the_password_is_stored_as_argon2id_alone(client: httpx.AsyncClient, tables: Any) -> None:
    await client.post(REGISTER, json=MARIA)
    stored = await tables.fetchval("SELECT password_hash FROM users WHERE username = 'maria'")
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


async def test_who_asks_which_names_are_taken_has_to_wait(
    client: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    await client.post(REGISTER, json=MARIA)
    for n in range(5):
        for taken in ({"username": f"other{n}"}, {"email": f"other{n}@example.com"}):
            assert (await client.post(REGISTER, json=MARIA | taken)).status_code == 409
    for path, body in (
        (REGISTER, {"username": "other", "email": "other@example.com", "password": PASSWORD}),
        (LOGIN, {"username": "maria", "password": PASSWORD}),
    ):
        refused = await client.post(path, json=body)
        assert problem(refused) == (429, "too_many_sign_ins")
        assert refused.headers["ratelimit-policy"] == '"address";q=10;w=60'
    transport = httpx.ASGITransport(make.app, client=("203.0.113.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as elsewhere:
        body = {"username": "other", "email": "other@example.com", "password": PASSWORD}
        assert (await elsewhere.post(REGISTER, json=body)).status_code == 201


async def test_registering_counts_against_nobody(client: httpx.AsyncClient, tables: Any) -> None:
    for n in range(12):
        body = {"username": f"user{n}", "email": f"user{n}@example.com", "password": PASSWORD}
        assert (await client.post(REGISTER, json=body | {"password": "short"})).status_code == 422
        assert (await client.post(REGISTER, json=body)).status_code == 201
    state = await tables.fetch("SELECT failures, pending FROM sign_in_limits WHERE bucket LIKE 'address:%'")
    assert [tuple(row) for row in state] == [(0, 0)]
