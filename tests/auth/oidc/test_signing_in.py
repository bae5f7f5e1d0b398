"""The whole way: to the provider, back, and into the account that belongs to whoever came."""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI

from taskapi.auth.oidc import service as oidc
from taskapi.settings import Registration, ServerSettings
from tests.auth.oidc.conftest import START, Browser, settings_for
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.change_log import entries, kinds
from tests.support.factory import Factory
from tests.support.mailbox import Mailbox, text_of
from tests.support.openid import OpenIdProvider
from tests.support.people import verify_address

ME = "/api/v1/users/me"


def bearer(response: httpx.Response) -> dict[str, str]:
    assert response.status_code == 200, response.text
    return {"Authorization": f"Bearer {response.json()['access_token']}"}


async def identities(tables: Any) -> list[tuple[str, str]]:
    """Whose they are and which provider's, as the log tells it."""
    linked = [entry for entry in await entries(tables) if entry.kind == "identity.linked"]
    return [(entry.changes["user_id"][1], entry.changes["issuer"][1]) for entry in linked]


async def test_the_providers_are_listed(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/api/v1/auth/oidc")).json()["items"]
    assert [item["name"] for item in listed] == ["fake", "other"]
    assert listed[0] == {"name": "fake", "label": "Fake & Sons", "start_url": f"http://127.0.0.1:8000{START}"}


async def test_the_browser_is_sent_with_all_that_binds_the_answer_to_it(
    client: httpx.AsyncClient, provider: OpenIdProvider
) -> None:
    started = await client.get(START, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert started.status_code == 302
    assert started.headers["cache-control"] == "no-store"
    location = urlsplit(started.headers["location"])
    asked = parse_qs(location.query)
    assert f"{location.scheme}://{location.netloc}" == provider.issuer
    assert asked["redirect_uri"] == [f"http://127.0.0.1:8000{START}/callback"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len({asked[name][0] for name in ("state", "nonce", "code_challenge")}) == 3
    cookie = started.headers["set-cookie"]
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
        "httponly",
        "samesite=lax",
        "path=/",
        "max-age=600",
    }
    assert all(asked[name][0] not in cookie for name in ("state", "nonce", "code_challenge"))


async def test_behind_tls_the_cookie_belongs_to_this_host_alone(
    app: FastAPI, make: Factory, provider: OpenIdProvider
) -> None:
    public = ServerSettings(public_url="https://tasks.example.org/")
    app.state.oidc = oidc.configure(replace(app.state.parts, settings=settings_for(provider, server=public)))
    async with make.client() as client:
        started = await client.get(START)
    name, _, rest = started.headers["set-cookie"].partition("=")
    assert name == "__Host-taskapi-oidc"
    assert "Secure" in rest
    assert "Path=/;" in rest
    assert "Domain" not in rest
    (redirect_uri,) = parse_qs(urlsplit(started.headers["location"]).query)["redirect_uri"]
    assert redirect_uri == f"https://tasks.example.org{START}/callback"


async def test_somebody_new_gets_an_account(browser: Browser, tables: Any) -> None:
    answer = await browser.sign_in()
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "taskapi-oidc" not in browser.client.cookies
    user = answer.json()["user"]
    assert (user["username"], user["email"], user["full_name"]) == ("jane", "jane@example.com", "Jane Doe")
    assert user["email_verified"] is True
    assert user["role"] == "user"
    assert (await browser.client.get(ME, headers=bearer(answer))).json() == user
    assert await kinds(tables, user["id"]) == ["user.registered"]
    assert await identities(tables) == [(user["id"], browser.provider.issuer)]
    refreshed = await browser.client.post(
        "/api/v1/auth/refresh", json={"refresh_token": answer.json()["refresh_token"]}
    )
    assert refreshed.status_code == 200


async def test_such_an_account_has_no_password(browser: Browser, client: httpx.AsyncClient) -> None:
    await browser.sign_in()
    for password in (" ", "None", "null"):
        answer = await client.post("/api/v1/auth/login", json={"username": "jane", "password": password})
        assert problem(answer) == (401, "invalid_credentials")


async def test_the_subject_is_who_somebody_is_whatever_else_changes(browser: Browser, tables: Any) -> None:
    first = (await browser.sign_in()).json()["user"]
    browser.provider.person |= {"email": "new@example.com", "email_verified": False, "preferred_username": "j2"}
    again = (await browser.sign_in()).json()["user"]
    assert again == first
    assert await tables.fetchval("SELECT count(*) FROM identities") == 1


async def test_another_subject_with_the_same_proven_address_opens_the_same_account(browser: Browser) -> None:
    first = (await browser.sign_in()).json()["user"]
    browser.provider.person["sub"] = "another"
    assert (await browser.sign_in()).json()["user"]["id"] == first["id"]


async def test_an_account_with_the_same_proven_address_is_linked_and_its_owner_told(
    browser: Browser, make: Factory, tables: Any, mailbox: Mailbox
) -> None:
    ana = await make.user("ana")
    await verify_address(tables, "ana")
    browser.provider.person["email"] = "ANA@Example.com"
    answer = await browser.sign_in()
    assert answer.json()["user"]["id"] == str(ana.id)
    assert await identities(tables) == [(str(ana.id), browser.provider.issuer)]
    (mail,) = await mailbox.collect()
    assert (mail["To"], mail["Subject"]) == ("ana@example.com", "You can now sign in with Fake & Sons")
    assert "Fake & Sons" in text_of(mail)
    await browser.sign_in()
    assert await mailbox.collect() == [], "told once"


@pytest.mark.parametrize(
    ("ours", "theirs", "refusal"),
    [
        (True, False, (403, "email_not_proven")),
        (True, "true", (403, "email_not_proven")),
        (True, None, (403, "email_not_proven")),
        (False, False, (403, "email_not_proven")),
        (False, True, (409, "account_not_proven")),
    ],
)
async def test_an_account_is_linked_only_when_both_sides_have_proven_the_address(
    browser: Browser, make: Factory, tables: Any, ours: bool, theirs: object, refusal: tuple[int, str]
) -> None:
    await make.user("ana")
    if ours:
        await verify_address(tables, "ana")
    sessions = await tables.fetchval("SELECT count(*) FROM sessions")
    browser.provider.person |= {"email": "ana@example.com", "email_verified": theirs}
    assert problem(await browser.sign_in()) == refusal
    assert await tables.fetchval("SELECT count(*) FROM identities") == 0
    assert await tables.fetchval("SELECT count(*) FROM sessions") == sessions


@pytest.mark.parametrize(
    "email", [None, "", "no address", 7, ["jane@example.com"], "a@b@c", "x" * 400 + "@example.com"]
)
async def test_an_address_that_is_none_makes_no_account(browser: Browser, email: object, tables: Any) -> None:
    browser.provider.person["email"] = email
    assert problem(await browser.sign_in()) == (403, "email_not_proven")
    assert await tables.fetchval("SELECT count(*) FROM users") == 0


async def test_without_a_proven_address_nobody_learns_who_has_an_account(browser: Browser, make: Factory) -> None:
    await make.user("ana")
    browser.provider.person |= {"email": "ana@example.com", "email_verified": False}
    taken = (await browser.sign_in()).json()
    browser.provider.person |= {"email": "free@example.com"}
    free = (await browser.sign_in()).json()
    assert {**taken, "request_id": ""} == {**free, "request_id": ""}


@pytest.mark.parametrize("registration", [Registration.INVITE, Registration.CLOSED])
async def test_where_registration_is_not_open_only_accounts_that_exist_are_let_in(
    browser: Browser, app: FastAPI, make: Factory, tables: Any, registration: Registration
) -> None:
    ana = await make.user("ana")
    await verify_address(tables, "ana")
    security = app.state.parts.settings.security.model_copy(update={"registration": registration})
    closed = app.state.parts.settings.model_copy(update={"security": security})
    app.state.oidc = replace(app.state.oidc, parts=replace(app.state.parts, settings=closed))
    assert problem(await browser.sign_in()) == (403, "no_account")
    browser.provider.person["email"] = "ana@example.com"
    assert (await browser.sign_in()).json()["user"]["id"] == str(ana.id)


@pytest.mark.parametrize("end", [None, "revoked_at", "accepted_at", "expires_at"])
async def test_where_only_the_invited_register_they_do_so_by_their_provider_too(
    browser: Browser, app: FastAPI, make: Factory, client_for: ClientFor, tables: Any, end: str | None
) -> None:
    project = await make.project(key="WEB")
    invited = {"email": "jane@example.com", "role": "viewer"}
    await client_for(project.owner).post("/api/v1/projects/WEB/invitations", json=invited)
    if end is not None:
        await tables.execute(f"UPDATE invitations SET {end} = now() - interval '1 second'")
    security = app.state.parts.settings.security.model_copy(update={"registration": Registration.INVITE})
    invite = app.state.parts.settings.model_copy(update={"security": security})
    app.state.oidc = replace(app.state.oidc, parts=replace(app.state.parts, settings=invite))
    answer = await browser.sign_in()
    if end is not None:
        assert problem(answer) == (403, "no_account")
    else:
        assert (answer.status_code, answer.json()["user"]["email"]) == (200, "jane@example.com")


@pytest.mark.parametrize(
    ("preferred", "username"),
    [
        ("j.doe", "j.doe"),
        ("Jürgen Müller", "Jurgen-Muller"),
        ("jane@corp.example", "jane"),
        ("..admin..", "admin"),
        ("用户", "local.part"),
        ("", "local.part"),
        (None, "local.part"),
        (["a"], "a"),
        ("z" * 99, "z" * 32),
        ("x\0y\n<script>", "x-y-script"),
    ],
)
async def test_the_username_is_made_of_what_the_provider_calls_them(
    browser: Browser, preferred: object, username: str
) -> None:
    browser.provider.person |= {"preferred_username": preferred, "email": "local.part@example.com"}
    assert (await browser.sign_in()).json()["user"]["username"] == username


@pytest.mark.parametrize(
    ("preferred", "username"),
    [
        ("01a1fe152f1973f5b500e06a3fe08d04", "jane"),
        ("deleted-01a1fe152f1973f5b500e0", "jane"),
        ("deleted", "deleted"),
    ],
)
async def test_no_provider_makes_a_reserved_name(preferred: str, username: str, browser: Browser) -> None:
    browser.provider.person |= {"preferred_username": preferred, "email": "jane@example.com"}
    assert (await browser.sign_in()).json()["user"]["username"] == username


@pytest.mark.parametrize("taken", ["deleted", "01a1fe152f1973f5b500e06a3f"])
async def test_nor_by_the_end_that_it_gets(taken: str, browser: Browser, make: Factory) -> None:
    await make.user(taken)
    browser.provider.person["preferred_username"] = taken
    assert re.fullmatch(r"user-[0-9a-f]{6}", (await browser.sign_in()).json()["user"]["username"])


async def test_a_username_that_is_taken_gets_an_end(browser: Browser, make: Factory) -> None:
    await make.user("JANE2")
    browser.provider.person["preferred_username"] = "jane2"
    username = (await browser.sign_in()).json()["user"]["username"]
    assert username.startswith("jane2-")
    assert len(username) == len("jane2-") + 6


@pytest.mark.parametrize("name", [None, 7, "", " ", "x" * 300, "two\nlines"])
async def test_a_name_that_is_no_name_is_left_out(browser: Browser, name: object) -> None:
    browser.provider.person["name"] = name
    assert (await browser.sign_in()).json()["user"]["full_name"] is None


async def test_a_disabled_account_is_told_what_a_wrong_password_is_told(
    browser: Browser, client: httpx.AsyncClient, tables: Any
) -> None:
    await browser.sign_in()
    await tables.execute("UPDATE users SET is_active = false WHERE username = 'jane'")
    refused = await browser.sign_in()
    wrong = await client.post("/api/v1/auth/login", json={"username": "nobody", "password": "wrong"})
    assert problem(refused) == (401, "invalid_credentials")
    same = {"type", "title", "status", "detail", "code"}
    assert {k: refused.json()[k] for k in same} == {k: wrong.json()[k] for k in same}


async def test_a_disabled_account_is_not_linked(browser: Browser, make: Factory, tables: Any) -> None:
    await make.user("ana")
    await verify_address(tables, "ana")
    await tables.execute("UPDATE users SET is_active = false WHERE username = 'ana'")
    browser.provider.person["email"] = "ana@example.com"
    assert problem(await browser.sign_in()) == (401, "invalid_credentials")
    assert await tables.fetchval("SELECT count(*) FROM identities") == 0
