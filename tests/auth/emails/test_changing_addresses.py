"""A new address is pending until its mailbox confirms; the old mailbox undoes it for a week (threat T5)."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.conftest import ClientFor
from tests.support.answers import pointers, problem
from tests.support.authenticator import set_up
from tests.support.change_log import entries, kinds
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.mailbox import Mailbox, text_of, token_in
from tests.support.people import ME, is_alive, sign_in, verify_address

CONFIRM = "/api/v1/auth/email/change/confirm"
UNDO = "/api/v1/auth/email/change/undo"
FORGOT = "/api/v1/auth/password/forgot"
RESET = "/api/v1/auth/password/reset"
NEW = "ana@new.example.com"
NEW_PASSWORD = "a wholly new password"


@dataclass(frozen=True)
class Links:
    confirm: str
    undo: str


async def ask(person: httpx.AsyncClient, email: str = NEW, password: str = PASSWORD) -> httpx.Response:
    return await person.patch(ME, json={"email": email, "current_password": password})


async def change(person: httpx.AsyncClient, mailbox: Mailbox, email: str = NEW) -> Links:
    """Ask for it; the links of the two mails."""
    assert (await ask(person, email)).status_code == 200
    confirm, notice = await mailbox.collect()
    assert confirm["To"] == email
    return Links(token_in(confirm), token_in(notice))


async def use(client: httpx.AsyncClient, path: str, token: str) -> httpx.Response:
    return await client.post(path, json={"token": token})


@pytest.fixture
def mine(ana: Person, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(ana)


async def email_of(person: httpx.AsyncClient) -> str:
    email: str = (await person.get(ME)).json()["email"]
    return email


async def test_the_new_mailbox_confirms(
    client: httpx.AsyncClient, ana: Person, mine: httpx.AsyncClient, mailbox: Mailbox, tables: Any
) -> None:
    answer = await ask(mine)
    assert (answer.status_code, answer.json()["email"]) == (200, ana.email)
    confirm, notice = await mailbox.collect()
    assert [confirm["To"], notice["To"]] == [NEW, ana.email]
    assert "/confirm-email?token=" in text_of(confirm)
    assert "/undo-email-change?token=" in text_of(notice)
    assert "ana (at) new. example. com" in text_of(notice)
    assert await email_of(mine) == ana.email
    confirmed = await use(client, CONFIRM, token_in(confirm))
    assert (confirmed.status_code, confirmed.content) == (204, b"")
    me = (await mine.get(ME)).json()
    assert (me["email"], me["email_verified"]) == (NEW, True)
    assert (await sign_in(client, NEW)).status_code == 200
    assert problem(await sign_in(client, ana.email)) == (401, "invalid_credentials")
    facts = [entry for entry in await entries(tables, ana.id) if entry.kind.startswith("user.email_change")]
    assert [fact.kind for fact in facts] == ["user.email_change_requested", "user.email_changed"]
    assert facts[1].changes == {"email": [ana.email, NEW], "email_verified": [False, True]}


async def test_it_needs_the_password(mine: httpx.AsyncClient, mailbox: Mailbox) -> None:
    assert pointers(await mine.patch(ME, json={"email": NEW})) == ["/current_password"]
    assert problem(await ask(mine, password="not my password")) == (403, "wrong_password")
    assert pointers(await ask(mine, email="no address")) == ["/email"]
    assert pointers(await mine.patch(ME, json={"email": None, "current_password": PASSWORD})) == ["/email"]
    assert await mailbox.collect() == []


async def test_the_same_address_is_no_change(mine: httpx.AsyncClient, ana: Person, mailbox: Mailbox) -> None:
    assert (await ask(mine, ana.email.upper())).status_code == 200
    assert await mailbox.collect() == []


async def test_other_fields_change_at_once(mine: httpx.AsyncClient, ana: Person) -> None:
    answer = await mine.patch(ME, json={"email": NEW, "current_password": PASSWORD, "full_name": "Ana"})
    assert (answer.json()["full_name"], answer.json()["email"]) == ("Ana", ana.email)


async def test_whether_an_address_is_taken_is_told_to_its_mailbox_alone(
    client: httpx.AsyncClient, mine: httpx.AsyncClient, make: Factory, mailbox: Mailbox
) -> None:
    await make.user("bob")
    taken = await change(mine, mailbox, "bob@example.com")
    free = await ask(mine, NEW)
    assert free.status_code == 200
    assert problem(await use(client, CONFIRM, taken.confirm)) == (400, "link_not_valid")  # a newer one was asked for
    await mailbox.collect()
    again = await change(mine, mailbox, "bob@example.com")
    assert problem(await use(client, CONFIRM, again.confirm)) == (409, "email_taken")


async def test_a_link_works_once(client: httpx.AsyncClient, mine: httpx.AsyncClient, mailbox: Mailbox) -> None:
    links = await change(mine, mailbox)
    assert (await use(client, CONFIRM, links.confirm)).status_code == 204
    assert problem(await use(client, CONFIRM, links.confirm)) == (400, "link_not_valid")
    assert (await use(client, UNDO, links.undo)).status_code == 204
    assert problem(await use(client, UNDO, links.undo)) == (400, "link_not_valid")


async def test_the_old_mailbox_undoes_a_pending_change(
    client: httpx.AsyncClient, ana: Person, mine: httpx.AsyncClient, mailbox: Mailbox, tables: Any
) -> None:
    await verify_address(tables, "ana")
    links = await change(mine, mailbox)
    assert (await use(client, UNDO, links.undo)).status_code == 204
    assert problem(await use(client, CONFIRM, links.confirm)) == (400, "link_not_valid")
    assert "user.email_change_undone" in await kinds(tables, ana.id)
    assert (await sign_in(client, ana.email)).status_code == 200


async def test_the_old_mailbox_undoes_a_confirmed_change_and_throws_everybody_out(
    client: httpx.AsyncClient, ana: Person, mine: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    links = await change(mine, mailbox)
    await use(client, CONFIRM, links.confirm)
    assert (await use(client, UNDO, links.undo)).status_code == 204
    assert not await is_alive(client, ana)
    [mail] = await mailbox.collect()
    assert mail["To"] == ana.email
    reset = {"token": token_in(mail), "password": "a wholly new password"}
    assert (await client.post(RESET, json=reset)).status_code == 204
    assert problem(await sign_in(client, NEW, "a wholly new password")) == (401, "invalid_credentials")
    assert (await sign_in(client, ana.email, "a wholly new password")).status_code == 200


async def test_a_thief_who_changes_the_address_twice_does_not_get_rid_of_the_first_mailbox(
    client: httpx.AsyncClient, ana: Person, mine: httpx.AsyncClient, mailbox: Mailbox, tables: Any
) -> None:
    await verify_address(tables, "ana")
    first = await change(mine, mailbox, "thief@one.example.com")
    await use(client, CONFIRM, first.confirm)
    second = await change(mine, mailbox, "thief@two.example.com")
    await use(client, CONFIRM, second.confirm)
    assert (await use(client, UNDO, first.undo)).status_code == 204
    assert problem(await use(client, UNDO, second.undo)) == (400, "link_not_valid")
    assert (await sign_in(client, ana.email)).status_code == 200


async def test_the_first_mailbox_has_the_last_word(
    client: httpx.AsyncClient, ana: Person, mine: httpx.AsyncClient, mailbox: Mailbox, tables: Any
) -> None:
    await verify_address(tables, "ana")
    first = await change(mine, mailbox, "thief@one.example.com")
    await use(client, CONFIRM, first.confirm)
    second = await change(mine, mailbox, "thief@two.example.com")
    await use(client, CONFIRM, second.confirm)
    assert (await use(client, UNDO, second.undo)).status_code == 204
    assert (await use(client, UNDO, first.undo)).status_code == 204
    assert (await sign_in(client, ana.email)).status_code == 200


async def test_who_brought_the_first_address_back_is_not_undone_by_the_thiefs_mailbox(
    client: httpx.AsyncClient, ana: Person, mine: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    first = await change(mine, mailbox, "thief@one.example.com")
    await use(client, CONFIRM, first.confirm)
    back = await change(mine, mailbox, ana.email)
    await use(client, CONFIRM, back.confirm)
    assert problem(await use(client, UNDO, back.undo)) == (400, "link_not_valid")
    assert await email_of(mine) == ana.email


async def test_an_undo_that_is_the_first_proof_of_the_address_leaves_nothing_of_before(
    client: httpx.AsyncClient, ana: Person, mine: httpx.AsyncClient, mailbox: Mailbox, tables: Any
) -> None:
    await set_up(mine)
    await mailbox.collect()
    links = await change(mine, mailbox)
    assert (await use(client, UNDO, links.undo)).status_code == 204
    assert problem(await sign_in(client, "ana")) == (401, "invalid_credentials")
    assert {"user.password_dropped", "user.totp_disabled"} <= set(await kinds(tables, ana.id))
    link = next(mail for mail in await mailbox.collect() if "token=" in text_of(mail))
    assert (await client.post(RESET, json={"token": token_in(link), "password": NEW_PASSWORD})).status_code == 204
    assert (await sign_in(client, "ana", NEW_PASSWORD)).status_code == 200


async def test_administrators_undo_it_for_an_owner_who_cannot_open_the_link(
    client: httpx.AsyncClient,
    ana: Person,
    mine: httpx.AsyncClient,
    make: Factory,
    client_for: ClientFor,
    mailbox: Mailbox,
    tables: Any,
) -> None:
    first = await change(mine, mailbox, "thief@one.example.com")
    await use(client, CONFIRM, first.confirm)
    second = await change(mine, mailbox, "thief@two.example.com")
    await use(client, CONFIRM, second.confirm)
    root = await make.user(admin=True)
    path = f"/api/v1/users/{ana.id}/email-change/undo"
    assert problem(await mine.post(path)) == (403, "forbidden")
    assert problem(await client_for(root).post(path, headers={"If-Match": '"1"'}))[0] == 412
    assert (await client_for(root).post(path)).status_code == 204
    assert not await is_alive(client, ana)
    [mail] = await mailbox.collect()
    assert mail["To"] == ana.email
    for token in (first.undo, second.undo):
        assert problem(await use(client, UNDO, token)) == (400, "link_not_valid")
    [fact] = [entry for entry in await entries(tables, ana.id) if entry.kind == "user.email_change_undone"]
    # Nobody had proven the first address, and an administrator does not either.
    given_back = {"email": ["thief@two.example.com", ana.email], "email_verified": [True, False]}
    assert (fact.actor_id, fact.changes) == (root.id, given_back)
    assert problem(await client_for(root).post(path)) == (409, "no_email_change")


async def test_a_reset_by_the_old_mailbox_cancels_a_pending_change(
    client: httpx.AsyncClient, ana: Person, mine: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    links = await change(mine, mailbox)
    await client.post(FORGOT, json={"email": ana.email})
    [mail] = await mailbox.collect()
    reset = {"token": token_in(mail), "password": "a wholly new password"}
    assert (await client.post(RESET, json=reset)).status_code == 204
    assert problem(await use(client, CONFIRM, links.confirm)) == (400, "link_not_valid")
    assert (await sign_in(client, ana.email, "a wholly new password")).status_code == 200


async def test_a_reset_link_to_the_old_mailbox_is_void_once_the_new_one_confirmed(
    client: httpx.AsyncClient, ana: Person, mine: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    links = await change(mine, mailbox)
    await client.post(FORGOT, json={"email": ana.email})
    [mail] = await mailbox.collect()
    await use(client, CONFIRM, links.confirm)
    reset = {"token": token_in(mail), "password": "a wholly new password"}
    assert problem(await client.post(RESET, json=reset)) == (400, "link_not_valid")


async def test_an_undo_finds_the_address_given_to_somebody_else(
    client: httpx.AsyncClient, ana: Person, mine: httpx.AsyncClient, make: Factory, mailbox: Mailbox, tables: Any
) -> None:
    links = await change(mine, mailbox)
    await use(client, CONFIRM, links.confirm)
    bob = await make.user("bob")
    await tables.execute("UPDATE users SET email = $1 WHERE id = $2", ana.email, bob.id)
    assert problem(await use(client, UNDO, links.undo)) == (409, "email_taken")


async def test_nobody_fills_a_strangers_mailbox(mine: httpx.AsyncClient, mailbox: Mailbox) -> None:
    for number in range(5):
        assert (await ask(mine, f"victim{number}@example.com")).status_code == 200
    assert problem(await ask(mine)) == (429, "too_many_mails")
    assert len(await mailbox.collect()) == 10
