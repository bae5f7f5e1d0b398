"""Webhooks are made, changed and given new secrets by project admins, and by nobody else."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import pytest

from taskapi.core import outbound
from taskapi.core.clock import utc_now
from taskapi.core.db.database import unit_of_work
from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from taskapi.webhooks import service
from tests.conftest import ClientFor
from tests.support.factory import Factory, MadeProject
from tests.webhooks.conftest import WEBHOOKS, Hooked

# An address of everybody's, so that no name server is asked.
URL = "https://8.8.8.8/hook"
WANTED = {"url": URL, "events": ["task.*"]}


async def made(owner: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await owner.post(WEBHOOKS, json={**WANTED, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_secret_is_told_once(owner: httpx.AsyncClient) -> None:
    answer = await owner.post(WEBHOOKS, json={**WANTED, "description": "Build server"})
    assert answer.status_code == 201
    webhook = answer.json()
    secret = webhook.pop("secret")
    assert secret.startswith("whsec_")
    assert answer.headers["cache-control"] == "no-store"
    assert (webhook["url"], webhook["events"], webhook["description"]) == (URL, ["task.*"], "Build server")
    assert (webhook["is_active"], webhook["disabled_reason"], webhook["failing_since"]) == (True, None, None)
    found = await owner.get(answer.headers["location"])
    assert found.json() == webhook
    listed = await owner.get(WEBHOOKS)
    assert listed.json()["items"] == [webhook]
    assert secret not in listed.text + found.text


async def test_the_secret_is_stored_encrypted(owner: httpx.AsyncClient, tables: Any) -> None:
    secret = (await made(owner))["secret"]
    stored = await tables.fetchval("SELECT secret FROM webhooks")
    assert secret.removeprefix("whsec_").encode() not in stored
    assert len(stored) > 32


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("events", []),
        ("events", None),
        ("events", ["task.*", "nonsense"]),
        ("events", ["nonsense.*"]),
        ("events", ["session.started"]),
        ("events", ["reminder.created"]),
        ("events", ["reminder.*"]),
        ("events", ["share_link.created"]),
        ("events", ["webhook.created"]),
        ("events", "*"),
        ("url", None),
        ("url", ""),
        ("url", "x" * 1001),
        ("description", ""),
        ("secret", "whsec_mine"),
    ],
)
async def test_what_makes_no_sense_is_refused(owner: httpx.AsyncClient, field: str, value: object) -> None:
    for answer in (
        await owner.post(WEBHOOKS, json={**WANTED, field: value}),
        await owner.patch(f"{WEBHOOKS}/{new_id()}", json={field: value}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "validation_error"), answer.text


@pytest.mark.parametrize(
    "url",
    [
        "http://8.8.8.8/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1:8443/",
        "https://2130706433/",
        "https://user:password@8.8.8.8/",
        "https://8.8.8.8:25/",
        "ftp://8.8.8.8/",
        "file:///etc/passwd",
        "nonsense",
    ],
)
async def test_an_address_that_is_not_everybodys_is_refused(owner: httpx.AsyncClient, url: str) -> None:
    webhook = await made(owner)
    for answer in (
        await owner.post(WEBHOOKS, json={**WANTED, "url": url}),
        await owner.patch(f"{WEBHOOKS}/{webhook['id']}", json={"url": url}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "url_not_allowed")
        assert answer.json()["errors"][0]["pointer"] == "/url"


async def test_the_refusal_does_not_say_where_a_name_leads(
    owner: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def inside(_host: str, _port: int) -> Sequence[str]:
        return ["10.20.30.40"]

    monkeypatch.setattr(outbound, "resolve_by_system", inside)
    answer = await owner.post(WEBHOOKS, json={**WANTED, "url": "https://intranet.example/"})
    assert answer.status_code == 422
    assert "10.20" not in answer.text


async def test_nobody_else_has_us_ask_name_servers(
    web: MadeProject, make: Factory, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def ask(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["8.8.8.8"]

    monkeypatch.setattr(outbound, "resolve_by_system", ask)
    wanted = {**WANTED, "url": "https://name.example/"}
    editor, stranger = await make.member(web, ProjectRole.EDITOR), await make.user()
    assert (await client_for(editor).post(WEBHOOKS, json=wanted)).status_code == 403
    assert (await client_for(stranger).post(WEBHOOKS, json=wanted)).status_code == 404
    assert asked == []
    assert (await client_for(web.owner).post(WEBHOOKS, json=wanted)).status_code == 201
    assert asked == ["name.example"]


@pytest.mark.parametrize("role", [ProjectRole.VIEWER, ProjectRole.COMMENTER, ProjectRole.EDITOR])
async def test_other_members_see_nothing_of_them(
    role: ProjectRole, web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    webhook = await made(owner)
    client = client_for(await make.member(web, role))
    path = f"{WEBHOOKS}/{webhook['id']}"
    for method, where in (
        ("GET", WEBHOOKS),
        ("GET", path),
        ("DELETE", path),
        ("GET", f"{path}/deliveries"),
        ("POST", f"{path}/ping"),
        ("POST", f"{path}/replay?since=2026-11-22T09:00:00Z"),
        ("POST", f"{path}/rotate-secret"),
    ):
        answer = await client.request(method, where)
        assert (answer.status_code, "webhook:manage" in answer.text) == (403, True), where


async def test_a_change_is_told_and_guarded(owner: httpx.AsyncClient, tables: Any) -> None:
    webhook = await made(owner)
    path = f"{WEBHOOKS}/{webhook['id']}"
    changed = await owner.patch(path, json={"events": ["*", "*"], "description": "All"}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200
    assert (changed.json()["events"], changed.json()["version"]) == (["*"], 2)
    assert (await owner.patch(path, json={"description": None}, headers={"If-Match": '"1"'})).status_code == 412
    assert (await owner.patch(path, json={"is_active": False})).json()["disabled_reason"] is None
    assert (await owner.patch(path, json={"is_active": True})).status_code == 200
    assert (await owner.delete(path)).status_code == 204
    assert (await owner.get(path)).status_code == 404
    kinds = await tables.fetch("SELECT kind, changes FROM events WHERE subject_type = 'webhook' ORDER BY seq")
    said = ["created", "updated", "disabled", "updated", "deleted"]
    assert [row["kind"] for row in kinds] == [f"webhook.{word}" for word in said]
    assert not any("secret" in name for row in kinds for name in row["changes"] if name == "secret")


async def test_a_new_secret_is_told_once_and_the_old_one_is_good_for_a_day(
    owner: httpx.AsyncClient, tables: Any
) -> None:
    webhook = await made(owner)
    answer = await owner.post(f"{WEBHOOKS}/{webhook['id']}/rotate-secret")
    assert answer.status_code == 200
    assert answer.json()["secret"] != webhook["secret"]
    assert answer.json()["old_secret_until"] is not None
    hours = await tables.fetchval("SELECT extract(epoch FROM old_secret_until - now()) / 3600 FROM webhooks")
    assert 23.9 < hours < 24.1
    fact = await tables.fetchval("SELECT changes::text FROM events WHERE kind = 'webhook.updated'")
    assert "old_secret_until" in fact
    assert answer.json()["secret"] not in fact


async def test_a_secret_that_is_not_good_any_more_is_forgotten(
    owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    webhook = await made(owner)
    await owner.post(f"{WEBHOOKS}/{webhook['id']}/rotate-secret")
    database = make.app.state.parts.database
    async with unit_of_work(database) as session:
        await service.forget_old_secrets(session)
    assert await tables.fetchval("SELECT previous_secret FROM webhooks") is not None
    await tables.execute("UPDATE webhooks SET old_secret_until = now() - interval '1 s'")
    async with unit_of_work(database) as session:
        await service.forget_old_secrets(session)
    assert await tables.fetchval("SELECT previous_secret FROM webhooks") is None


async def test_a_repeat_makes_no_second_one_and_tells_no_secret(owner: httpx.AsyncClient, tables: Any) -> None:
    key = {"Idempotency-Key": "once"}
    assert (await owner.post(WEBHOOKS, json=WANTED, headers=key)).status_code == 201
    again = await owner.post(WEBHOOKS, json=WANTED, headers=key)
    assert (again.status_code, again.json()["code"]) == (409, "answer_not_kept")
    assert await tables.fetchval("SELECT count(*) FROM webhooks") == 1


async def test_an_archived_project_gets_none_and_lets_go_of_those_it_has(owner: httpx.AsyncClient) -> None:
    webhook = await made(owner)
    path = f"{WEBHOOKS}/{webhook['id']}"
    assert (await owner.patch("/api/v1/projects/WEB", json={"archived": True})).status_code == 200
    for method, where, body in (
        ("POST", WEBHOOKS, WANTED),
        ("PATCH", path, {"description": "New"}),
        ("POST", f"{path}/rotate-secret", None),
        ("POST", f"{path}/ping", None),
        ("POST", f"{path}/replay?since=2026-11-22T09:00:00Z", None),
    ):
        answer = await owner.request(method, where, json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "project_archived"), where
    assert (await owner.get(path)).status_code == 200
    assert (await owner.delete(path)).status_code == 204


async def test_a_webhook_of_another_project_is_not_there(
    owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    other = await make.project(key="OPS")
    foreign = await client_for(other.owner).post("/api/v1/projects/OPS/webhooks", json=WANTED)
    path = f"{WEBHOOKS}/{foreign.json()['id']}"
    for method, where in (
        ("GET", path),
        ("DELETE", path),
        ("GET", f"{path}/deliveries"),
        ("POST", f"{path}/ping"),
        ("POST", f"{path}/replay?since=2026-11-22T09:00:00Z"),
    ):
        assert (await owner.request(method, where)).status_code == 404, where


async def test_a_copy_of_a_project_has_none_and_who_leaves_takes_none_along(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor, tables: Any
) -> None:
    admin = await make.member(web, ProjectRole.ADMIN)
    mine = client_for(admin)
    await made(mine)
    assert (await owner.post("/api/v1/projects/WEB/duplicate", json={"key": "COPY", "name": "C"})).status_code == 201
    assert (await mine.post("/api/v1/projects/WEB/leave")).status_code == 204
    rows = await tables.fetch("SELECT project_id, is_active FROM webhooks")
    assert [(row["project_id"], row["is_active"]) for row in rows] == [(web.id, True)]


async def test_what_was_made_by_an_account_in_other_hands_is_disabled(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    await made(owner, id=str(new_id()))
    before = utc_now()
    late = await made(owner)
    async with unit_of_work(make.app.state.parts.database) as session:
        await service.disable_written_by(session, web.owner.caller, web.owner.id, before)
    found = (await owner.get(WEBHOOKS)).json()["items"]
    assert [(one["id"] == late["id"], one["is_active"], one["disabled_reason"]) for one in found] == [
        (True, False, "reclaimed"),
        (False, True, None),
    ]
    assert await tables.fetchval("SELECT count(*) FROM events WHERE kind = 'webhook.disabled'") == 1


async def test_what_was_changed_by_an_account_in_other_hands_is_disabled_too(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor, tables: Any
) -> None:
    """Whoever made it, and also where the log is kept for a shorter time; but not what others changed meanwhile."""
    bo = client_for(await make.member(web, ProjectRole.ADMIN, await make.user("bo")))
    changed, changed_before, by_others, off = [(await made(bo))["id"] for _ in range(4)]
    await owner.patch(f"{WEBHOOKS}/{changed_before}", json={"description": "Before"})
    before = utc_now()
    await bo.patch(f"{WEBHOOKS}/{by_others}", json={"description": "By bo"})
    await owner.patch(f"{WEBHOOKS}/{changed}", json={"url": "https://8.8.8.8/elsewhere"})
    await owner.patch(f"{WEBHOOKS}/{off}", json={"is_active": False})
    forgotten = (await made(owner))["id"]
    await tables.execute("DELETE FROM events WHERE subject_id = $1", UUID(forgotten))
    async with unit_of_work(make.app.state.parts.database) as session:
        await service.disable_written_by(session, web.owner.caller, web.owner.id, before)
    found = {one["id"]: one["disabled_reason"] for one in (await owner.get(WEBHOOKS)).json()["items"]}
    assert found == {
        changed: "reclaimed",
        forgotten: "reclaimed",
        changed_before: None,
        by_others: None,
        off: None,
    }


async def test_a_project_has_twenty_whoever_makes_them_at_once(hooked: Hooked) -> None:
    await hooked.tables.execute(
        "INSERT INTO webhooks (id, project_id, url, events, secret, created_by, created_at)"
        " SELECT gen_random_uuid(), $1, 'https://8.8.8.8', '{*}', 'x', $2, now() FROM generate_series(1, 18)",
        hooked.project.id,
        hooked.project.owner.id,
    )
    answers = await asyncio.gather(*(hooked.owner.post(WEBHOOKS, json=WANTED) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]
    assert {answer.json().get("code") for answer in answers} == {None, "too_many_webhooks"}
