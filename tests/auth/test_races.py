"""Twenty at the same time, on real connections: one wins, and nobody gets a 500."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from tests.support import databases
from tests.support.authenticator import set_up
from tests.support.factory import PASSWORD, Factory
from tests.support.mailbox import Mailbox, text_of, token_in
from tests.support.people import LOGIN, ME

pytestmark = pytest.mark.slow

ROUNDS = 20
AT_ONCE = 20


@pytest.fixture
async def live_mailbox(live: Factory, database_url: str) -> AsyncIterator[Mailbox]:
    connection = await databases.connect(database_url)
    yield Mailbox(live.app, connection)
    await connection.close()


async def statuses(*calls: Awaitable[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in await asyncio.gather(*calls))


async def many(call: Callable[[int], Awaitable[httpx.Response]]) -> Counter[int]:
    return await statuses(*(call(number) for number in range(AT_ONCE)))


async def test_one_reset_link_sets_one_password(live: Factory, live_mailbox: Mailbox) -> None:
    async with live.client() as client:
        for _ in range(ROUNDS):
            person = await live.user()
            await client.post("/api/v1/auth/password/forgot", json={"email": person.email})
            token = token_in((await live_mailbox.collect())[-1])

            async def reset(number: int, token: str = token) -> httpx.Response:
                body = {"token": token, "password": f"the password number {number}"}
                return await client.post("/api/v1/auth/password/reset", json=body)

            assert await many(reset) == {204: 1, 400: AT_ONCE - 1}


@pytest.mark.parametrize("kind", ["code", "recovery code"])
async def test_one_code_opens_one_session(kind: str, live: Factory) -> None:
    async with live.client() as client:
        for _ in range(ROUNDS):
            person = await live.user()
            async with live.client(person) as mine:
                app = await set_up(mine)
            body = {
                "username": person.username,
                "password": PASSWORD,
                "totp_code": app.code(1) if kind == "code" else app.recovery_codes[0],
            }

            async def enter(_: int, body: dict[str, str] = body) -> httpx.Response:
                return await client.post(LOGIN, json=body)

            found = await many(enter)
            assert found[200] == 1
            assert found[401] + found[429] == AT_ONCE - 1


async def test_one_of_two_gets_the_address_that_both_confirm(live: Factory, live_mailbox: Mailbox) -> None:
    async with live.client() as client:
        for number in range(ROUNDS):
            tokens = []
            for person in (await live.user(), await live.user()):
                async with live.client(person) as mine:
                    change = {"email": f"wanted{number}@example.com", "current_password": PASSWORD}
                    assert (await mine.patch(ME, json=change)).status_code == 200
                tokens.append(token_in((await live_mailbox.collect())[0]))
            path = "/api/v1/auth/email/change/confirm"
            assert await statuses(*(client.post(path, json={"token": t}) for t in tokens)) == {204: 1, 409: 1}


async def test_an_undo_beside_the_confirmation_wins(live: Factory, live_mailbox: Mailbox) -> None:
    async with live.client() as client:
        for _ in range(ROUNDS):
            person = await live.user()
            async with live.client(person) as mine:
                await mine.patch(ME, json={"email": f"new.{person.email}", "current_password": PASSWORD})
            confirm, undo = map(token_in, await live_mailbox.collect())
            found = await statuses(
                client.post("/api/v1/auth/email/change/confirm", json={"token": confirm}),
                client.post("/api/v1/auth/email/change/undo", json={"token": undo}),
            )
            assert found in (Counter({204: 2}), Counter({204: 1, 400: 1}))
            [link] = [mail for mail in await live_mailbox.collect() if "token=" in text_of(mail)]
            assert link["To"] == person.email
            reset = {"token": token_in(link), "password": "a wholly new password"}
            assert (await client.post("/api/v1/auth/password/reset", json=reset)).status_code == 204
            await live_mailbox.collect()
            signed_in = await client.post(LOGIN, json={"username": person.email, "password": reset["password"]})
            assert signed_in.json()["user"]["email"] == person.email


async def test_a_reset_beside_the_confirmation_of_another_address_never_fails(
    live: Factory, live_mailbox: Mailbox
) -> None:
    async with live.client() as client:
        for _ in range(ROUNDS):
            person = await live.user()
            async with live.client(person) as mine:
                await mine.patch(ME, json={"email": f"new.{person.email}", "current_password": PASSWORD})
            confirm = token_in((await live_mailbox.collect())[0])
            await client.post("/api/v1/auth/password/forgot", json={"email": person.email})
            reset = token_in((await live_mailbox.collect())[0])
            found = await statuses(
                client.post("/api/v1/auth/email/change/confirm", json={"token": confirm}),
                client.post("/api/v1/auth/password/reset", json={"token": reset, "password": "a wholly new password"}),
            )
            assert found == {204: 1, 400: 1}  # whichever comes first makes the other link void
            await live_mailbox.collect()


async def test_twenty_who_ask_at_once_which_name_is_taken_get_ten_answers(live: Factory) -> None:
    person = await live.user()
    async with live.client() as client:

        def ask(number: int) -> Awaitable[httpx.Response]:
            body = {"username": f"somebody{number}", "email": person.email, "password": PASSWORD}
            return client.post("/api/v1/auth/register", json=body)

        assert await many(ask) == Counter({409: 10, 429: 10})
