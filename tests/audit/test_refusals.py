"""What was refused is told to auditors: once a minute of each, counted, and never in a refused transaction."""

import asyncio
from typing import Any, NoReturn

import httpx
import pytest
from fastapi import FastAPI

from taskapi.auth.recovery import service as recovery
from taskapi.core.access.permissions import Scope
from taskapi.core.change_log import refusals
from taskapi.core.change_log.publish import Fact
from taskapi.core.change_log.refusals import NOBODY, Refusals
from taskapi.core.db.database import Database, unit_of_work
from taskapi.core.errors import DatabaseUnavailable
from taskapi.core.ids import new_id
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.models import ProjectRole
from taskapi.projects.share_links import service as share_links
from taskapi.settings import Settings
from tests.auth.test_guarding import fill, login_from
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.api_tokens import api_token, carrying
from tests.support.change_log import Entry, entries, kinds
from tests.support.databases import RolledBackDatabase
from tests.support.factory import Factory, MadeProject
from tests.tasks.attachments.test_attaching import settings

WEB = "/api/v1/projects/WEB"
DENIED = "user.access_denied"


@pytest.fixture
def told(app: FastAPI) -> Refusals:
    found: Refusals = app.state.parts.refusals
    return found


def pass_a_minute(told: Refusals) -> None:
    for refused in told._known.values():
        refused.told_at -= 60


async def of_kind(tables: Any, kind: str) -> list[Entry]:
    return [entry for entry in await entries(tables) if entry.kind == kind]


async def test_who_may_not_is_told_at_once_and_then_counted(
    make: Factory, web: MadeProject, client_for: ClientFor, tables: Any, told: Refusals
) -> None:
    viewer = await make.member(web, ProjectRole.VIEWER)
    client = client_for(viewer)
    for _ in range(3):
        refused = await client.patch(WEB, json={"name": "Mine"}, headers={"X-Request-ID": "the-first"})
        assert problem(refused) == (403, "forbidden")
    [first] = await of_kind(tables, DENIED)
    assert (first.actor_id, first.subject_id, first.request_id) == (viewer.id, viewer.id, "the-first")
    said = {"route": "update_project", "path": WEB, "problem": "forbidden", "times": 1}
    assert first.changes == {name: [None, value] for name, value in said.items()}
    await told.close()
    assert [entry.changes["times"] for entry in await of_kind(tables, DENIED)] == [[None, 1], [None, 2]]
    # Another route is another matter.
    await client.delete(WEB)
    assert (await of_kind(tables, DENIED))[-1].changes["route"] == [None, "delete_project"]


async def test_what_was_counted_is_told_with_the_next_a_minute_later(
    make: Factory, web: MadeProject, client_for: ClientFor, tables: Any, told: Refusals
) -> None:
    client = client_for(await make.member(web, ProjectRole.VIEWER))
    for _ in range(3):
        await client.delete(WEB)
    pass_a_minute(told)
    await client.delete(WEB)
    assert [entry.changes["times"] for entry in await of_kind(tables, DENIED)] == [[None, 1], [None, 3]]


async def test_a_refused_request_is_told_and_leaves_nothing_else(
    make: Factory, web: MadeProject, client_for: ClientFor, tables: Any
) -> None:
    client = client_for(await make.member(web, ProjectRole.VIEWER))
    before = await tables.fetchval("SELECT version FROM projects")
    await client.patch(WEB, json={"name": "Mine"}, headers={"Idempotency-Key": "once"})
    assert await tables.fetchval("SELECT version FROM projects") == before
    assert len(await of_kind(tables, DENIED)) == 1


async def test_an_api_token_is_told_when_it_is_first_used_and_when_it_lacks_a_scope(
    make: Factory, web: MadeProject, client: httpx.AsyncClient, tables: Any
) -> None:
    carrying(client, await api_token(make, web.owner, Scope.PROJECTS_READ))
    assert (await client.get(WEB)).is_success
    assert (await client.get(WEB)).is_success
    assert problem(await client.get(f"{WEB}/tasks")) == (403, "insufficient_scope")
    token_id = await tables.fetchval("SELECT id FROM api_tokens")
    assert await kinds(tables, token_id) == ["api_token.created", "api_token.first_used", "api_token.scope_denied"]
    _, used, denied = await entries(tables, token_id)
    assert (used.actor_id, used.changes) == (web.owner.id, {"address": [None, "127.0.0.1"]})
    assert denied.changes["needs"] == [None, "tasks:read"]


async def test_of_many_first_uses_at_once_one_is_told(live: Factory) -> None:
    token = await api_token(live, await live.user(), Scope.USERS_READ)
    clients = [carrying(live.client(), token) for _ in range(8)]
    answers = await asyncio.gather(*(client.get("/api/v1/users/me") for client in clients))
    assert {answer.status_code for answer in answers} == {200}
    async with live.app.state.parts.database.autocommit() as session:
        driver = await session.open()
        assert await driver.fetchval("SELECT count(*) FROM events WHERE kind = 'api_token.first_used'") == 1


async def test_throttled_sign_ins_are_told_of_the_account_or_of_the_address(make: Factory, tables: Any) -> None:
    maria = await make.user("maria")
    await fill(tables, f"sign-in:{maria.id}")
    await fill(tables, "address:203.0.113.2")
    for _ in range(2):
        refused = await login_from(make, "203.0.113.1", "maria")
        assert problem(refused) == (429, "too_many_sign_ins")
    await login_from(make, "203.0.113.2", "nobody")
    account, address = await of_kind(tables, "user.sign_in_throttled")
    assert (account.actor_id, account.subject_id, account.changes["limit"]) == (None, maria.id, [None, "sign-in"])
    assert (address.subject_id, address.changes["limit"]) == (NOBODY, [None, "address"])
    assert address.changes["address"] == [None, "203.0.113.2"]


async def test_too_many_requests_are_told_by_the_first_of_a_minute(
    make: Factory, tables: Any, shared_database: RolledBackDatabase, quick_passwords: Passwords
) -> None:
    limits = {"rate_limit_per_minute": 2, "rate_limit_anonymous_per_minute": 2}
    app = create_app(Settings.model_validate({"security": limits}), shared_database, quick_passwords)
    ana = await make.user("ana")
    for person in (ana, None):
        async with Factory(app).client(person) as client:
            answers = [(await client.get("/api/v1/users/me")).status_code for _ in range(5)]
            assert answers[2:] == [429] * 3
    of_ana, of_nobody = await of_kind(tables, "user.throttled")
    assert (of_ana.subject_id, of_ana.changes) == (ana.id, {"limit": [None, "user"], "times": [None, 1]})
    assert (of_nobody.subject_id, of_nobody.changes["address"]) == (NOBODY, [None, "127.0.0.1"])


async def test_refused_addresses_and_files_are_told(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, app: FastAPI, tables: Any
) -> None:
    wanted = {"url": "http://169.254.169.254/", "events": ["*"]}
    assert (await owner.post(f"{WEB}/webhooks", json=wanted)).status_code == 422
    [refused] = await of_kind(tables, "user.address_refused")
    assert (refused.subject_id, refused.changes["problem"]) == (web.owner.id, [None, "url_not_allowed"])
    await make.task(web)
    with settings(app, file_max_bytes=9):
        answer = await owner.post("/api/v1/tasks/WEB-1/attachments", files={"file": ("a", b"x" * 10)})
    assert problem(answer) == (413, "file_too_large")
    [file] = await of_kind(tables, "user.upload_refused")
    assert (file.subject_id, file.changes["problem"]) == (web.owner.id, [None, "file_too_large"])


async def test_a_mailed_link_to_set_a_password_is_told(make: Factory, tables: Any) -> None:
    ana = await make.user("ana")
    async with unit_of_work(make.app.state.parts.database) as session:
        await recovery.send_reset_link(session, "ana@example.com")
        await recovery.send_reset_link(session, "nobody@example.com")
    [asked] = await of_kind(tables, "user.password_reset_requested")
    assert (asked.actor_id, asked.subject_id) == (None, ana.id)


async def test_an_opened_share_link_is_told_once_a_day(
    owner: httpx.AsyncClient, client: httpx.AsyncClient, app: FastAPI, tables: Any
) -> None:
    made = (await owner.post(f"{WEB}/share-links", json={"label": "A"})).json()
    database: Database = app.state.parts.database

    async def look() -> int:
        async with unit_of_work(database) as session:
            await share_links.tell_openings(session)
        return len(await of_kind(tables, "share_link.opened"))

    assert await look() == 0
    assert (await client.get(f"/api/v1/shared/{made['token']}")).is_success
    assert (await look(), await look()) == (1, 1)
    [opened] = await of_kind(tables, "share_link.opened")
    assert (str(opened.subject_id), opened.subject_key) == (made["id"], "WEB")
    await tables.execute("UPDATE share_links SET last_used_at = last_used_at + interval '1 day'")
    assert (await look(), await look()) == (2, 2)


async def test_who_floods_the_service_writes_some_rows_and_no_more(tables: Any, told: Refusals) -> None:
    async def refuse() -> Fact:
        fact = Fact(DENIED, "user", new_id(), {})
        await told.tell(None, fact, "")
        return fact

    for _ in range(100):
        await refuse()
    rows = await of_kind(tables, DENIED)
    assert len(rows) == refusals._MOST + 1
    assert rows[-1].subject_id == NOBODY
    await told.close()
    assert (await of_kind(tables, DENIED))[-1].changes == {"times": [None, 69]}
    pass_a_minute(told)
    once_more = await refuse()
    assert (await of_kind(tables, DENIED))[-1].subject_id == once_more.subject_id


async def test_a_database_that_takes_nothing_changes_no_refusal(
    make: Factory, web: MadeProject, client_for: ClientFor, tables: Any, told: Refusals, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(await make.member(web, ProjectRole.VIEWER))

    def unavailable(_: Database) -> NoReturn:
        raise DatabaseUnavailable("gone")

    with monkeypatch.context() as broken:
        broken.setattr(refusals, "unit_of_work", unavailable)
        assert problem(await client.patch(WEB, json={"name": "Mine"})) == (403, "forbidden")
    assert await of_kind(tables, DENIED) == []
    await told.close()
    assert [entry.changes["times"] for entry in await of_kind(tables, DENIED)] == [[None, 1]]
