"""Codes of an authenticator app, asked for after the password on every way in."""

from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import httpx
import pyotp
import pytest

from tests.conftest import ClientFor
from tests.support.answers import pointers, problem
from tests.support.authenticator import TOTP, set_up
from tests.support.change_log import entries, kinds
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.mailbox import Mailbox
from tests.support.people import sign_in

CONFIRM = f"{TOTP}/confirm"
CODES = f"{TOTP}/recovery-codes"


@pytest.fixture
def mine(ana: Person, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(ana)


async def test_the_offer_is_a_secret_a_uri_and_a_picture(mine: httpx.AsyncClient) -> None:
    answer = await mine.post(TOTP, json={"password": PASSWORD})
    assert answer.headers["Cache-Control"] == "no-store"
    offer = answer.json()
    uri = urlsplit(offer["uri"])
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/taskapi:ana")
    assert parse_qs(uri.query) == {"secret": [offer["secret"]], "issuer": ["taskapi"]}
    assert len(offer["secret"]) == 32  # 160 bit
    assert ET.fromstring(offer["qr_svg"]).tag == "{http://www.w3.org/2000/svg}svg"


async def test_an_offer_alone_asks_nobody_for_codes(client: httpx.AsyncClient, mine: httpx.AsyncClient) -> None:
    await mine.post(TOTP, json={"password": PASSWORD})
    assert (await sign_in(client, "ana")).status_code == 200


async def test_a_newer_offer_takes_the_place_of_the_older(mine: httpx.AsyncClient) -> None:
    older, newer = [(await mine.post(TOTP, json={"password": PASSWORD})).json()["secret"] for _ in range(2)]
    assert problem(await mine.post(CONFIRM, json={"code": pyotp.TOTP(older).now()})) == (403, "wrong_totp_code")
    assert (await mine.post(CONFIRM, json={"code": pyotp.TOTP(newer).now()})).status_code == 200


async def test_setting_it_up_needs_the_password(mine: httpx.AsyncClient) -> None:
    assert problem(await mine.post(TOTP, json={"password": "not mine"})) == (403, "wrong_password")
    assert problem(await mine.post(CONFIRM, json={"code": "123456"})) == (409, "totp_not_on")


async def test_confirming_gives_ten_recovery_codes_once(mine: httpx.AsyncClient) -> None:
    app = await set_up(mine)
    assert len(set(app.recovery_codes)) == 10
    assert all(len(code.replace("-", "")) == 26 for code in app.recovery_codes)  # 128 bit
    assert problem(await mine.post(CONFIRM, json={"code": app.code(1)})) == (409, "totp_already_on")
    assert problem(await mine.post(TOTP, json={"password": PASSWORD})) == (409, "totp_already_on")


@pytest.mark.parametrize("path", ["/api/v1/auth/login", "/api/v1/auth/token"])
async def test_every_way_in_asks_for_a_code_after_the_password(
    path: str, client: httpx.AsyncClient, mine: httpx.AsyncClient
) -> None:
    async def enter(**more: str) -> httpx.Response:
        body = {"username": "ana", "password": PASSWORD, **more}
        return await (client.post(path, data=body) if path.endswith("token") else client.post(path, json=body))

    app = await set_up(mine)
    without = await enter()
    assert problem(without) == (401, "totp_required")
    assert "access_token" not in without.text
    assert problem(await enter(totp_code=app.wrong_code())) == (401, "invalid_totp_code")
    assert problem(await enter(password="not mine", totp_code=app.code(1))) == (401, "invalid_credentials")
    assert problem(await enter(password="not mine")) == (401, "invalid_credentials")
    assert (await enter(totp_code=app.code(1))).status_code == 200


async def test_a_code_is_refused_when_it_comes_again(client: httpx.AsyncClient, mine: httpx.AsyncClient) -> None:
    app = await set_up(mine)
    confirmed_with = app.code()
    assert problem(await sign_in(client, "ana", totp_code=confirmed_with)) == (401, "invalid_totp_code")
    code = app.code(1)
    assert (await sign_in(client, "ana", totp_code=f"{code[:3]} {code[3:]}")).status_code == 200
    assert problem(await sign_in(client, "ana", totp_code=code)) == (401, "invalid_totp_code")


async def test_five_wrong_codes_are_all_there_are(client: httpx.AsyncClient, mine: httpx.AsyncClient) -> None:
    app = await set_up(mine)
    for _ in range(5):
        answer = await sign_in(client, "ana", totp_code=app.wrong_code())
        assert problem(answer) == (401, "invalid_totp_code")
    refused = await sign_in(client, "ana", totp_code=app.code(1))
    assert problem(refused) == (429, "too_many_sign_ins")
    assert int(refused.headers["Retry-After"]) > 60
    assert problem(await sign_in(client, "ana", totp_code=app.recovery_codes[0])) == (429, "too_many_sign_ins")


async def test_who_knows_the_password_keeps_the_owner_out_only_elsewhere(
    make: Factory, client: httpx.AsyncClient, mine: httpx.AsyncClient
) -> None:
    app = await set_up(mine)
    elsewhere = httpx.AsyncClient(
        transport=httpx.ASGITransport(make.app, client=("203.0.113.9", 1)), base_url="http://test"
    )
    async with elsewhere as thief:
        for _ in range(5):
            assert (await sign_in(thief, "ana", totp_code=app.wrong_code())).status_code == 401
        assert problem(await sign_in(thief, "ana", totp_code=app.recovery_codes[0])) == (429, "too_many_sign_ins")
    assert (await sign_in(client, "ana", totp_code=app.recovery_codes[0])).status_code == 200
    assert (await mine.post(CODES, json={"code": app.recovery_codes[1]})).is_success


async def test_wrong_codes_of_a_session_are_its_own(client: httpx.AsyncClient, mine: httpx.AsyncClient) -> None:
    """A thief of a session neither keeps its owner from signing in, nor gets more than five tries."""
    app = await set_up(mine)
    for _ in range(5):
        assert problem(await mine.post(CODES, json={"code": app.wrong_code()})) == (403, "wrong_totp_code")
    refused = await mine.post(CODES, json={"code": app.recovery_codes[0]})
    assert problem(refused) == (429, "too_many_sign_ins")
    assert (await sign_in(client, "ana", totp_code=app.recovery_codes[0])).status_code == 200


async def test_a_right_code_forgives_the_wrong_ones_before_it(
    client: httpx.AsyncClient, mine: httpx.AsyncClient
) -> None:
    app = await set_up(mine)
    for right in app.recovery_codes[:2]:
        for _ in range(3):
            await sign_in(client, "ana", totp_code=app.wrong_code())
        assert (await sign_in(client, "ana", totp_code=right)).status_code == 200


async def test_each_recovery_code_opens_once(client: httpx.AsyncClient, mine: httpx.AsyncClient) -> None:
    app = await set_up(mine)
    first, second = app.recovery_codes[:2]
    assert (await sign_in(client, "ana", totp_code=first)).status_code == 200
    assert problem(await sign_in(client, "ana", totp_code=first)) == (401, "invalid_totp_code")
    assert (await sign_in(client, "ana", totp_code=second.upper().replace("-", " "))).status_code == 200


async def test_new_recovery_codes_make_the_older_void(client: httpx.AsyncClient, mine: httpx.AsyncClient) -> None:
    app = await set_up(mine)
    assert problem(await mine.post(CODES, json={"code": app.wrong_code()})) == (403, "wrong_totp_code")
    renewed = await mine.post(CODES, json={"code": app.code(1)})
    assert renewed.headers["Cache-Control"] == "no-store"
    codes = renewed.json()["recovery_codes"]
    assert len(set(codes) | set(app.recovery_codes)) == 20
    assert problem(await sign_in(client, "ana", totp_code=app.recovery_codes[0])) == (401, "invalid_totp_code")
    assert (await sign_in(client, "ana", totp_code=codes[0])).status_code == 200


async def test_there_are_no_recovery_codes_without_an_app(mine: httpx.AsyncClient) -> None:
    assert problem(await mine.post(CODES, json={"code": "123456"})) == (409, "totp_not_on")


async def test_taking_it_off_needs_the_password(client: httpx.AsyncClient, mine: httpx.AsyncClient) -> None:
    app = await set_up(mine)

    async def take_off(**body: str) -> httpx.Response:
        return await mine.request("DELETE", TOTP, json=body)

    assert problem(await take_off(password="not mine")) == (403, "wrong_password")
    assert problem(await take_off(password=PASSWORD, code=app.wrong_code())) == (403, "wrong_totp_code")
    assert pointers(await take_off(code=app.code(1))) == ["/password"]
    assert (await take_off(password=PASSWORD, code=app.code(1))).status_code == 204
    assert (await sign_in(client, "ana")).status_code == 200
    assert problem(await take_off(password=PASSWORD)) == (409, "totp_not_on")


async def test_it_can_be_taken_off_without_the_app_that_was_lost(mine: httpx.AsyncClient) -> None:
    await set_up(mine)
    assert (await mine.request("DELETE", TOTP, json={"password": PASSWORD})).status_code == 204


async def test_a_new_password_does_not_take_it_off(client: httpx.AsyncClient, mine: httpx.AsyncClient) -> None:
    await set_up(mine)
    new = {"current_password": PASSWORD, "new_password": "a wholly new password"}
    await mine.post("/api/v1/auth/password/change", json=new)
    assert problem(await sign_in(client, "ana", "a wholly new password")) == (401, "totp_required")


async def test_both_ways_are_told_to_the_owner_and_to_the_change_log(
    ana: Person, mine: httpx.AsyncClient, mailbox: Mailbox, tables: Any
) -> None:
    app = await set_up(mine)
    await mine.post(CODES, json={"code": app.code(1)})
    await mine.request("DELETE", TOTP, json={"password": PASSWORD})
    subjects = [mail["Subject"] for mail in await mailbox.collect()]
    assert subjects == ["Your authenticator app was set up", "Your authenticator app was taken off"]
    told = [kind for kind in await kinds(tables, ana.id) if "totp" in kind or "recovery" in kind]
    assert told == ["user.totp_enabled", "user.recovery_codes_renewed", "user.totp_disabled"]
    assert app.secret not in str(await entries(tables))


async def test_what_is_stored_gives_no_secret_away(mine: httpx.AsyncClient, tables: Any) -> None:
    app = await set_up(mine)
    stored = await tables.fetchval("SELECT secret FROM second_factors")
    assert app.secret.encode() not in stored
    hashes = await tables.fetch("SELECT code_hash FROM recovery_codes")
    assert all(len(row["code_hash"]) == 32 for row in hashes)


async def test_a_secret_of_another_account_is_worth_nothing(
    client: httpx.AsyncClient, mine: httpx.AsyncClient, ana: Person, tables: Any, client_for: ClientFor, make: Factory
) -> None:
    await set_up(mine)
    thief = await make.user("thief")
    app = await set_up(client_for(thief))
    await tables.execute(
        "UPDATE second_factors SET secret = (SELECT secret FROM second_factors WHERE user_id = $2), last_step = NULL"
        " WHERE user_id = $1",
        ana.id,
        thief.id,
    )
    assert problem(await sign_in(client, "ana", totp_code=app.code(1))) == (401, "invalid_totp_code")


@pytest.mark.parametrize(
    "code", ["12345", "1234567890" * 5, "12345!", "\u0661\u0662\u0663\u0664\u0665\u0666", "", None]
)
async def test_what_is_no_code_is_a_mistake(code: str | None, mine: httpx.AsyncClient) -> None:
    assert pointers(await mine.post(CONFIRM, json={"code": code})) == ["/code"]


async def test_a_repeat_with_the_same_key_never_repeats_the_secret(mine: httpx.AsyncClient, tables: Any) -> None:
    headers = {"Idempotency-Key": "totp-1"}
    first = await mine.post(TOTP, json={"password": PASSWORD}, headers=headers)
    assert first.status_code == 200
    again = await mine.post(TOTP, json={"password": PASSWORD}, headers=headers)
    assert problem(again) == (409, "answer_not_kept")
    assert first.json()["secret"] not in str(await tables.fetch("SELECT * FROM idempotent_answers"))


async def test_administrators_take_off_what_locks_somebody_out(
    client: httpx.AsyncClient, ana: Person, make: Factory, client_for: ClientFor, mailbox: Mailbox, tables: Any
) -> None:
    await set_up(client_for(ana))
    await mailbox.collect()
    root = await make.user(admin=True)
    path = f"/api/v1/users/{ana.id}/totp"
    assert problem(await client_for(ana).delete(path)) == (403, "forbidden")
    assert (await client_for(root).delete(path)).status_code == 204
    assert (await sign_in(client, "ana")).status_code == 200
    [mail] = await mailbox.collect()
    assert (mail["To"], mail["Subject"]) == (ana.email, "Your authenticator app was taken off")
    [fact] = [entry for entry in await entries(tables, ana.id) if entry.kind == "user.totp_disabled"]
    assert fact.actor_id == root.id
    assert problem(await client_for(root).delete(path)) == (409, "totp_not_on")


async def test_administrators_give_their_own_password_for_their_own(make: Factory, client_for: ClientFor) -> None:
    root = await make.user(admin=True)
    await set_up(client_for(root))
    assert problem(await client_for(root).delete(f"/api/v1/users/{root.id}/totp")) == (403, "forbidden")
    nobody = "01900000-0000-7000-8000-000000000000"
    assert problem(await client_for(root).delete(f"/api/v1/users/{nobody}/totp")) == (404, "not_found")
