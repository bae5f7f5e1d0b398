"""The hijack drill: a thief with the password takes all that an account can give, and its owner takes the account back.

What there is to take is read from the tables, the purposes of links, the kinds of holds and the OpenAPI document: a new
one fails the drill until somebody says here how a thief uses it, or why it opens nothing. It stands beside the tests
of providers, because an identity is one of the things a thief takes.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from taskapi.auth.reclaiming.service import ENDS, Act, Hold
from taskapi.changes.streams.service import use_ticket
from taskapi.core.callers import SHELL
from taskapi.core.db.database import unit_of_work
from taskapi.core.errors import InvalidToken
from taskapi.core.secrets import one_time
from taskapi.core.secrets.one_time import Purpose
from taskapi.models import Base
from taskapi.personal_data.holdings import HOLDINGS
from taskapi.users import service as users
from tests.auth.oidc.conftest import Browser
from tests.proof.test_canaries import SECRET_COLUMNS
from tests.support.api_tokens import pass_time, wanted
from tests.support.authenticator import Authenticator
from tests.support.change_log import entries, kinds
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.identities import link
from tests.support.mailbox import Mailbox, text_of, token_in
from tests.support.people import LOGIN, ME, verify_address

pytestmark = pytest.mark.slow

API: Final = "/api/v1"
THIEFS_PASSWORD: Final = "the thief chose this one"
OWNERS_PASSWORD: Final = "the owner chose that one"
SHARED: Final = "a password of the share link"
WEBHOOKS, RULES = f"{API}/projects/WEB/webhooks", f"{API}/projects/WEB/rules"
TO_THE_THIEF: Final = {"url": "https://8.8.8.8/thief", "events": ["*"]}
FOR_THE_THIEF: Final[dict[str, Any]] = {
    "name": "Anything done is undone",
    "kinds": ["task.completed"],
    "actions": [{"type": "patch", "patch": {"status": "todo"}}],
}
OWNERS, THIEFS, THIEFS_OTHER = "ana@example.com", "thief@one.example.com", "thief@two.example.com"
Opens = Callable[[], Awaitable[bool]]


@dataclass
class Drill:
    """The account of ana, who owns WEB, and a thief who is signed in to it."""

    app: FastAPI
    make: Factory
    tables: Any
    mailbox: Mailbox
    browser: Browser
    ana: Person
    thief: httpx.AsyncClient
    """With a session of ana's account."""
    accomplice: Person
    """The thief's own account, by another name."""
    authenticator: Authenticator | None = None
    owners_undo: str = ""
    opens: dict[str, Opens] = field(default_factory=dict)
    """What the thief has taken: whether it opens something, asked without using it up."""

    def client(self, bearer: str | None = None) -> httpx.AsyncClient:
        client = self.make.client()
        if bearer is not None:
            client.headers["Authorization"] = f"Bearer {bearer}"
        return client

    async def ask(self, method: str, path: str, *, bearer: str | None = None, **more: Any) -> httpx.Response:
        async with self.client(bearer) as client:
            return await client.request(method, f"{API}{path}", **more)

    async def log_in(self, password: str, **more: str) -> httpx.Response:
        return await self.ask("POST", "/auth/login", json={"username": "ana", "password": password, **more})

    async def issue(self, purpose: Purpose, **details: str) -> str:
        """A link that was mailed to where the thief reads."""
        async with unit_of_work(self.app.state.parts.database) as session:
            token_id = await one_time.issue(session, purpose, self.ana.id, details, voids_older=False)
        token: str = self.app.state.parts.links.write(purpose, token_id)
        return token

    async def mailed(self, to: str, page: str) -> str:
        """The token of the newest link to that page in somebody's mailbox."""
        await self.mailbox.collect()
        mails = [mail for mail in self.mailbox.sent if mail["To"] == to and f"/{page}?token=" in text_of(mail)]
        return token_in(mails[-1])

    @asynccontextmanager
    async def undone(self) -> AsyncIterator[None]:
        await self.tables.execute("SAVEPOINT drill")
        try:
            yield
        finally:
            await self.tables.execute("ROLLBACK TO SAVEPOINT drill; RELEASE SAVEPOINT drill")
            self.app.state.parts.known_callers.clear()

    async def open_now(self) -> set[str]:
        """The names of what still opens something, five seconds later."""
        pass_time(self.app)
        found = set()
        for name, opens in self.opens.items():
            async with self.undone():
                if await opens():
                    found.add(name)
        return found


Take = Callable[[Drill], Awaitable[Opens]]


@dataclass(frozen=True)
class Kind:
    """A kind of credential, in the order in which the thief takes them."""

    covers: frozenset[str]
    """Of what is found by itself: see `found()`."""
    take: Take
    needs_address: bool = False
    """Whether the thief's mailbox must have become the account's."""


async def _link_opens(drill: Drill, path: str, token: str, **more: str) -> bool:
    answer = await drill.ask("POST", path, json={"token": token, **more})
    assert answer.status_code in {204, 400, 409}, answer.text
    return answer.status_code == 204


async def take_password(drill: Drill) -> Opens:
    body = {"current_password": PASSWORD, "new_password": THIEFS_PASSWORD}
    assert (await drill.thief.post(f"{API}/auth/password/change", json=body)).status_code == 200

    async def opens() -> bool:
        code = {} if drill.authenticator is None else {"totp_code": drill.authenticator.recovery_codes[1]}
        return (await drill.log_in(THIEFS_PASSWORD, **code)).status_code == 200

    return opens


async def _pair(drill: Drill) -> dict[str, Any]:
    answer = await drill.log_in(THIEFS_PASSWORD)
    assert answer.status_code == 200, answer.text
    pair: dict[str, Any] = answer.json()
    return pair


async def take_session(drill: Drill) -> Opens:
    token = (await _pair(drill))["access_token"]

    async def opens() -> bool:
        return (await drill.ask("GET", "/users/me", bearer=token)).status_code == 200

    return opens


async def take_refresh_token(drill: Drill) -> Opens:
    token = (await _pair(drill))["refresh_token"]

    async def opens() -> bool:
        return (await drill.ask("POST", "/auth/refresh", json={"refresh_token": token})).status_code == 200

    return opens


async def take_socket_ticket(drill: Drill) -> Opens:
    token = (await _pair(drill))["access_token"]
    ticket = (await drill.ask("POST", "/ws/ticket", bearer=token)).json()["ticket"]

    async def opens() -> bool:
        try:
            return (await use_ticket(drill.app.state.parts, ticket)).id == drill.ana.id
        except InvalidToken:
            return False

    return opens


async def take_api_token(drill: Drill) -> Opens:
    made = await drill.thief.post(f"{API}/auth/tokens", json=wanted("tasks:read", "projects:write"))

    async def opens() -> bool:
        return (await drill.ask("GET", "/tasks", bearer=made.json()["token"])).status_code == 200

    return opens


async def take_second_factor(drill: Drill) -> Opens:
    offered = await drill.thief.post(f"{API}/auth/totp", json={"password": THIEFS_PASSWORD})
    app = Authenticator(offered.json()["secret"], [])
    confirmed = await drill.thief.post(f"{API}/auth/totp/confirm", json={"code": app.code()})
    drill.authenticator = Authenticator(app.secret, confirmed.json()["recovery_codes"])

    async def opens() -> bool:
        """It opens nothing without a password, but keeps the owner out who has one."""
        answers = [await drill.log_in(password) for password in (THIEFS_PASSWORD, OWNERS_PASSWORD)]
        return any(answer.json().get("code") == "totp_required" for answer in answers)

    return opens


async def take_recovery_codes(drill: Drill) -> Opens:
    async def opens() -> bool:
        assert drill.authenticator is not None
        answers = [
            await drill.log_in(password, totp_code=drill.authenticator.recovery_codes[0])
            for password in (THIEFS_PASSWORD, OWNERS_PASSWORD)
        ]
        uses = "DELETE FROM recovery_codes WHERE user_id = $1 RETURNING 1"
        return answers[0].status_code == 200 or await drill.tables.fetchval(uses, drill.ana.id) is not None

    return opens


async def take_address(drill: Drill) -> Opens:
    """The thief's mailbox becomes the account's; the link by which its owner undoes it is in the owner's."""
    body = {"email": THIEFS, "current_password": THIEFS_PASSWORD}
    assert (await drill.thief.patch(ME, json=body)).status_code == 200
    drill.owners_undo = await drill.mailed(OWNERS, "undo-email-change")
    confirmed = {"token": await drill.mailed(THIEFS, "confirm-email")}
    assert (await drill.ask("POST", "/auth/email/change/confirm", json=confirmed)).status_code == 204

    async def opens() -> bool:
        async with drill.make.client() as client:
            await client.post(f"{API}/auth/password/forgot", json={"email": THIEFS})
        before = len(drill.mailbox.sent)
        await drill.mailbox.collect()
        return any(mail["To"] == THIEFS for mail in drill.mailbox.sent[before:])

    return opens


async def take_identity(drill: Drill) -> Opens:
    drill.browser.provider.person |= {"sub": "the thief's", "email": THIEFS}
    linked = await drill.browser.sign_in()
    assert linked.json()["user"]["id"] == str(drill.ana.id), linked.text

    async def opens() -> bool:
        async with drill.make.client() as client:
            answer = await Browser(client, drill.browser.provider).sign_in()
        if answer.status_code == 401:
            return bool(answer.json()["code"] == "totp_required")
        return bool(answer.json().get("user", {}).get("id") == str(drill.ana.id))

    return opens


async def take_ticket(drill: Drill) -> Opens:
    """The provider has spoken, and the last step is left for later."""
    path, params = await drill.browser.leave(redirect="/signed-in")
    answer = await drill.browser.client.get(path, params=params)
    token = parse_qs(urlsplit(answer.headers["location"]).fragment)["sign_in_token"][0]
    cookies = dict(drill.browser.client.cookies)

    async def opens() -> bool:
        body = {"sign_in_token": token}
        if drill.authenticator is not None:
            body["totp_code"] = drill.authenticator.recovery_codes[2]
        async with drill.make.client() as client:
            client.cookies.update(cookies)
            return (await client.post(f"{API}/auth/oidc/complete", json=body)).status_code == 200

    return opens


async def take_reset_link(drill: Drill) -> Opens:
    token = await drill.issue(Purpose.RESET_PASSWORD)
    return lambda: _link_opens(drill, "/auth/password/reset", token, password="the thief's second password")


async def take_verification(drill: Drill) -> Opens:
    email = await drill.tables.fetchval("SELECT email FROM users WHERE id = $1", drill.ana.id)
    token = await drill.issue(Purpose.VERIFY_EMAIL, email=email)
    return lambda: _link_opens(drill, "/auth/email/verify", token)


async def take_pending_change(drill: Drill) -> Opens:
    body = {"email": THIEFS_OTHER, "current_password": THIEFS_PASSWORD}
    assert (await drill.thief.patch(ME, json=body)).status_code == 200
    if not drill.owners_undo:
        drill.owners_undo = await drill.mailed(OWNERS, "undo-email-change")
    token = await drill.mailed(THIEFS_OTHER, "confirm-email")
    return lambda: _link_opens(drill, "/auth/email/change/confirm", token)


async def take_undo(drill: Drill) -> Opens:
    """The second change was told to the mailbox of the first: the thief's."""
    token = await drill.mailed(THIEFS, "undo-email-change")
    return lambda: _link_opens(drill, "/auth/email/change/undo", token)


async def take_share_link(drill: Drill) -> Opens:
    path = f"{API}/projects/WEB/share-links"
    made = await drill.thief.post(path, json={"label": "To the thief", "password": SHARED})
    headers = {"X-Share-Password": SHARED}
    return lambda: _is_ok(drill.ask("GET", f"/shared/{made.json()['token']}", headers=headers))


async def _is_ok(asked: Awaitable[httpx.Response]) -> bool:
    return (await asked).status_code == 200


async def take_invitation(drill: Drill) -> Opens:
    body = {"email": drill.accomplice.email, "role": "admin"}
    assert (await drill.thief.post(f"{API}/projects/WEB/invitations", json=body)).status_code == 201
    token = await drill.mailed(drill.accomplice.email, "invitations/accept")
    bearer = drill.accomplice.access_token
    return lambda: _is_ok(drill.ask("POST", "/invitations/accept", bearer=bearer, json={"token": token}))


async def _made(asked: Awaitable[httpx.Response]) -> str:
    answer = await asked
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


async def _active(drill: Drill, table: str, made: str) -> bool:
    """It acts without anybody who asks."""
    found: bool = await drill.tables.fetchval(f"SELECT is_active FROM {table} WHERE id = $1", UUID(made))
    return found


async def _make_old(drill: Drill, table: str, made: str) -> None:
    """It was the owner's long before, and so is what the log tells of it."""
    ages = "created_at = created_at - interval '1 year'"
    await drill.tables.execute(f"UPDATE {table} SET {ages} WHERE id = $1", UUID(made))
    await drill.tables.execute("UPDATE events SET at = at - interval '1 year' WHERE subject_id = $1", UUID(made))


async def take_webhook(drill: Drill) -> Opens:
    """The thief is told of whatever happens from now on."""
    made = await _made(drill.thief.post(WEBHOOKS, json=TO_THE_THIEF))
    return lambda: _active(drill, "webhooks", made)


async def _turned(drill: Drill, table: str, path: str, was: dict[str, Any], change: dict[str, Any]) -> Opens:
    """What the owner made long before does what the thief wants, once its secret and its purpose are changed."""
    made = await _made(drill.thief.post(path, json=was))
    await _make_old(drill, table, made)
    if path == WEBHOOKS:
        assert (await drill.thief.post(f"{path}/{made}/rotate-secret")).status_code == 200
    changed = await drill.thief.patch(f"{path}/{made}", json=change)
    assert changed.status_code == 200, changed.text
    return lambda: _active(drill, table, made)


async def take_anothers_webhook(drill: Drill) -> Opens:
    owners = {**TO_THE_THIEF, "url": "https://8.8.8.8/owner"}
    return await _turned(drill, "webhooks", WEBHOOKS, owners, {"url": TO_THE_THIEF["url"]})


async def take_rule(drill: Drill) -> Opens:
    """It does with the owner's rights what the thief wants, whenever somebody writes a task."""
    made = await _made(drill.thief.post(RULES, json=FOR_THE_THIEF))
    return lambda: _active(drill, "rules", made)


async def take_old_rule(drill: Drill) -> Opens:
    return await _turned(drill, "rules", RULES, {**FOR_THE_THIEF, "filter": "priority:low"}, {"filter": ""})


async def take_feed(drill: Drill) -> Opens:
    """A calendar that shows the thief what the owner has to do, without any sign-in."""
    made = await drill.thief.post(f"{API}/users/me/feeds", json={"kind": "todo", "project": "WEB"})
    return lambda: _is_ok(drill.ask("GET", f"/feeds/{made.json()['token']}.ics"))


def kind(take: Take, *covers: str, needs_address: bool = False) -> Kind:
    return Kind(frozenset(covers), take, needs_address)


KINDS: Final = {
    "password": kind(take_password, "column users.password_hash", "hold password"),
    "session": kind(
        take_session,
        *("refers sessions.user_id", "hold other sessions", "hold this session"),
        *("told POST /auth/login", "told POST /auth/token", "told GET /auth/oidc/{provider}/callback"),
    ),
    "refresh token": kind(take_refresh_token, "told POST /auth/refresh", "told POST /auth/oidc/complete"),
    "ticket of a socket": kind(take_socket_ticket, "link stream", "told POST /ws/ticket"),
    "API token": kind(
        take_api_token,
        *("column api_tokens.secret_hash", "refers api_tokens.user_id", "hold API tokens", "told POST /auth/tokens"),
    ),
    "share link": kind(
        take_share_link,
        *("column share_links.token_hash", "column share_links.password_hash", "refers share_links.created_by"),
        *("hold what it let in", "told POST /projects/{project}/share-links"),
    ),
    "calendar feed": kind(take_feed, "column feeds.token_hash", "refers feeds.user_id", "told POST /users/me/feeds"),
    "invitation": kind(take_invitation, "refers invitations.invited_by", "link invitation"),
    "webhook": kind(
        take_webhook,
        *("refers webhooks.created_by", "column webhooks.secret", "told POST /projects/{project}/webhooks"),
    ),
    "webhook that sends elsewhere": kind(
        take_anothers_webhook,
        *("column webhooks.previous_secret", "told POST /projects/{project}/webhooks/{webhook_id}/rotate-secret"),
        "told PATCH /projects/{project}/webhooks/{webhook_id}",
    ),
    "rule": kind(take_rule, "refers rules.created_by"),
    "rule that does something else": kind(take_old_rule, "refers rules.owner_id"),
    "address": kind(take_address, needs_address=True),
    "identity": kind(take_identity, "refers identities.user_id", "hold identities", needs_address=True),
    "ticket of a provider": kind(take_ticket, needs_address=True),
    "pending change": kind(take_pending_change, "link change_email", "hold pending links and changes"),
    "undo in the thief's mailbox": kind(take_undo, "link undo_email_change", needs_address=True),
    "link to verify": kind(take_verification, "link verify_email"),
    "link to reset": kind(take_reset_link, "link reset_password"),
    "second factor": kind(
        take_second_factor,
        *("column second_factors.secret", "refers second_factors.user_id", "hold second factor"),
        *("told POST /auth/totp",),
    ),
    "recovery codes": kind(
        take_recovery_codes,
        *("column recovery_codes.code_hash", "refers recovery_codes.user_id"),
        *("told POST /auth/totp/confirm", "told POST /auth/totp/recovery-codes"),
    ),
}
# Of what names an account, that which opens nothing, and why.
NO_CREDENTIAL: Final = {
    "refers invitations.accepted_by": "says who came",
    "refers known_places.user_id": "a few more tries at the password from there, which is new by then",
    "refers members.user_id": "another account's own right: the log says who let it in, and the owner removes it",
    "refers attachments.created_by": "authorship",
    "refers imports.created_by": "authorship; one that runs asks for its maker's rights before each batch",
    "refers comment_reactions.user_id": "an opinion",
    "refers comments.created_by": "authorship",
    "refers projects.created_by": "authorship",
    "refers reminders.user_id": "a note to oneself",
    "refers task_watchers.user_id": "a note to oneself",
    "refers time_entries.user_id": "an account of what was done",
    "refers views.created_by": "authorship",
    "refers views.owner_id": "a filter, which shows what its reader may see",
    "refers tasks.created_by": "authorship",
    "told GET /audit/{event_id}": "names the API token that acted",
    "told GET /projects/{project}/webhooks/{webhook_id}": "says until when a secret is good",
    "told GET /auth/validate": "says which token was sent",
    "told GET /auth/validate-admin": "says which token was sent",
}
# While the thief's mailbox is the account's, a provider that knows the thief by it links again, and a link in it that
# keeps that very address is none that ends.
_BY_THIEFS_MAILBOX: Final = {"identity", "undo in the thief's mailbox"}
_SECRETS = re.compile(r"(^|_)(token|ticket)$|secret|^recovery_codes$|^token_")


def found(app: FastAPI) -> set[str]:
    """Everything that may open an account, or was made with one and may open something."""
    references = {
        f"refers {table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(key.column.table.name in {"users", "second_factors"} for key in column.foreign_keys)
    }
    columns = {f"column {name}" for name in SECRET_COLUMNS}
    links = {f"link {purpose}" for purpose in Purpose}
    holds = {f"hold {hold}" for hold in Hold}
    return references | columns | links | holds | {f"told {name}" for name in _telling(app)}


def _telling(app: FastAPI) -> set[str]:
    """The routes whose answer has a field that sounds like a secret."""
    document = app.openapi()
    schemas = document["components"]["schemas"]
    telling = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
                fields = schemas.get(schema.get("$ref", "").rpartition("/")[2], {}).get("properties", {})
                if status.startswith("2") and any(_SECRETS.search(name) for name in fields):
                    telling.add(f"{method.upper()} {path.removeprefix(API)}")
    return telling


def test_every_kind_of_credential_is_in_the_drill(app: FastAPI) -> None:
    covered = [name for each in KINDS.values() for name in each.covers]
    assert len(covered) == len(set(covered))
    assert set(covered) | set(NO_CREDENTIAL) == found(app)
    assert not set(covered) & set(NO_CREDENTIAL)


def test_whatever_holds_an_account_is_declared_among_what_is_held_about_people() -> None:
    declared = {f"refers {holding.name}" for holding in HOLDINGS}
    named = {name for each in KINDS.values() for name in each.covers} | set(NO_CREDENTIAL)
    assert {name for name in named if name.startswith("refers ")} <= declared


def test_every_hold_is_ended_by_some_act() -> None:
    assert set(ENDS) == set(Act)
    always = {Hold.SECOND_FACTOR, Hold.PASSWORD}  # where the address is proven for the first time
    assert set(Hold) - always == set().union(*ENDS.values())


@pytest.fixture
async def drill(app: FastAPI, make: Factory, tables: Any, mailbox: Mailbox, browser: Browser) -> AsyncIterator[Drill]:
    ana = await make.user("ana")
    await verify_address(tables, "ana")
    await make.project(ana, key="WEB")
    accomplice = await make.user("accomplice")
    await verify_address(tables, "accomplice")
    async with make.client() as thief:
        pair = await thief.post(LOGIN, json={"username": "ana", "password": PASSWORD})
        thief.headers["Authorization"] = f"Bearer {pair.json()['access_token']}"
        yield Drill(app, make, tables, mailbox, browser, ana, thief, accomplice)


async def hijack(drill: Drill, *, with_address: bool, with_app: bool) -> set[str]:
    """The thief takes all there is, and each of it opens something."""
    of_app = {"second factor", "recovery codes"}
    names = [name for name, each in KINDS.items() if with_address or not each.needs_address]
    names = [name for name in names if with_app or name not in of_app]
    for name in names:
        drill.opens[name] = await KINDS[name].take(drill)
    assert await drill.open_now() == set(names)
    return set(names)


async def reset(drill: Drill, token: str, **more: Any) -> None:
    body = {"token": token, "password": OWNERS_PASSWORD, **more}
    assert (await drill.ask("POST", "/auth/password/reset", json=body)).status_code == 204


async def sign_out_everywhere(drill: Drill) -> None:
    pair = await drill.log_in(OWNERS_PASSWORD)
    assert pair.status_code == 200, pair.text
    done = await drill.ask("POST", "/auth/logout-all", bearer=pair.json()["access_token"])
    assert done.status_code == 204


async def is_owners(drill: Drill) -> bool:
    answer = await drill.log_in(OWNERS_PASSWORD)
    assert answer.status_code == 200, answer.text
    user = answer.json()["user"]
    return bool((user["id"], user["email"]) == (str(drill.ana.id), OWNERS))


async def test_the_owner_undoes_resets_signs_out_everywhere_and_the_thief_has_nothing(drill: Drill) -> None:
    mine = await link(drill.app, drill.ana)  # linked long before
    await drill.tables.execute("UPDATE identities SET created_at = now() - interval '1 year'")
    await hijack(drill, with_address=True, with_app=False)
    assert await _link_opens(drill, "/auth/email/change/undo", drill.owners_undo)
    # The undo alone leaves the thief a password that the owner is about to replace.
    assert await drill.open_now() == {"password"}
    assert await drill.tables.fetchval("SELECT count(*) FROM identities WHERE id = $1", mine) == 1
    await reset(drill, await drill.mailed(OWNERS, "reset-password"))
    await sign_out_everywhere(drill)
    assert await drill.open_now() == set()
    assert await is_owners(drill)


async def test_who_lost_the_password_alone_resets_it_and_says_so_and_the_thief_has_nothing(drill: Drill) -> None:
    await hijack(drill, with_address=False, with_app=False)
    await drill.ask("POST", "/auth/password/forgot", json={"email": OWNERS})
    await reset(drill, await drill.mailed(OWNERS, "reset-password"), in_other_hands=True)
    assert await drill.open_now() == set()
    assert await is_owners(drill)


async def test_a_reset_for_a_password_that_was_only_forgotten_leaves_what_the_owner_shared(drill: Drill) -> None:
    await hijack(drill, with_address=False, with_app=False)
    await drill.ask("POST", "/auth/password/forgot", json={"email": OWNERS})
    await reset(drill, await drill.mailed(OWNERS, "reset-password"))
    lets_in = {"share link", "calendar feed", "invitation", "webhook", "webhook that sends elsewhere"}
    assert await drill.open_now() == lets_in | {"rule", "rule that does something else"}


async def test_an_administrator_gives_the_account_back_and_the_thief_has_nothing(drill: Drill) -> None:
    await hijack(drill, with_address=True, with_app=True)
    root = (await drill.make.user(admin=True)).access_token
    path = f"/users/{drill.ana.id}"
    assert (await drill.ask("POST", f"{path}/sign-out", bearer=root)).status_code == 204
    # What only they, or the link in the owner's mailbox, can take back.
    assert await drill.open_now() == {"password", "address", "second factor", "recovery codes", *_BY_THIEFS_MAILBOX}
    assert (await drill.ask("POST", f"{path}/email-change/undo", bearer=root)).status_code == 204
    assert (await drill.ask("DELETE", f"{path}/totp", bearer=root)).status_code == 204
    await reset(drill, await drill.mailed(OWNERS, "reset-password"))
    assert await drill.open_now() == set()
    assert await is_owners(drill)


async def test_the_shell_signs_out_as_the_route_does(drill: Drill) -> None:
    await hijack(drill, with_address=False, with_app=False)
    async with unit_of_work(drill.app.state.parts.database) as session:
        await users.sign_out(session, SHELL, drill.ana.id)
    assert await drill.open_now() == {"password"}


@pytest.mark.parametrize("everywhere", [True, False])
async def test_after_a_change_of_password_or_signing_out_everywhere_what_was_pending_is_void(
    drill: Drill, everywhere: bool
) -> None:
    taken = await hijack(drill, with_address=False, with_app=False)
    if everywhere:
        assert (await drill.ask("POST", "/auth/logout-all", bearer=drill.ana.access_token)).status_code == 401
        pair = (await drill.log_in(THIEFS_PASSWORD)).json()
        assert (await drill.ask("POST", "/auth/logout-all", bearer=pair["access_token"])).status_code == 204
    else:
        pair = (await drill.log_in(THIEFS_PASSWORD)).json()
        body = {"current_password": THIEFS_PASSWORD, "new_password": OWNERS_PASSWORD, "end_tokens": True}
        changed = await drill.ask("POST", "/auth/password/change", bearer=pair["access_token"], json=body)
        assert changed.status_code == 200
    ended = {"session", "refresh token", "ticket of a socket", "pending change", "link to verify", "link to reset"}
    ended |= set() if everywhere else {"password", "API token"}
    assert await drill.open_now() == taken - ended


async def test_who_registered_anothers_address_has_nothing_once_its_owner_resets(drill: Drill) -> None:
    """The address was never proven: the app that was set up goes as well (pre-hijacking)."""
    await drill.tables.execute("UPDATE users SET email_verified = false WHERE username = 'ana'")
    await hijack(drill, with_address=False, with_app=True)
    await drill.ask("POST", "/auth/password/forgot", json={"email": OWNERS})
    await reset(drill, await drill.mailed(OWNERS, "reset-password"))
    assert await drill.open_now() == set()
    assert await is_owners(drill)


async def test_the_log_tells_an_auditor_why_it_ended(drill: Drill) -> None:
    await hijack(drill, with_address=True, with_app=False)
    assert await _link_opens(drill, "/auth/email/change/undo", drill.owners_undo)
    told = {entry.kind for entry in await entries(drill.tables) if Act.CHANGE_UNDONE in str(entry.changes)}
    assert told == {"session.ended", "api_token.revoked", "identity.unlinked"}
    ended = {"share_link.revoked", "invitation.revoked", "webhook.disabled", "rule.updated"}
    assert ended <= set(await kinds(drill.tables))
