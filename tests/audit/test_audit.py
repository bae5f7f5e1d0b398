"""GET /audit: security events for administrators, and nothing else."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from taskapi.audit import queries
from taskapi.audit.audited import AUDITED, EVERYDAY
from taskapi.core.access.permissions import Permission, Scope
from taskapi.core.access.reading import READING
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.clock import utc_now
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.api_tokens import api_token, carrying
from tests.support.factory import Factory, Person

AUDIT = "/api/v1/audit"


@pytest.fixture
async def root(make: Factory) -> Person:
    return await make.user("root", admin=True)


@pytest.fixture
def auditor(root: Person, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(root)


async def events(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get(AUDIT, params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_whatever_is_for_auditors_is_there_but_what_is_personal() -> None:
    """A new kind about accounts shows up without being listed anywhere."""
    for_auditors = {kind for kind, needs in READING.items() if needs.permission is Permission.AUDIT_READ}
    personal = {ChangeKind.REMINDER_CREATED, ChangeKind.REMINDER_UPDATED, ChangeKind.REMINDER_DELETED}
    assert for_auditors - set(AUDITED) == personal
    assert {kind.subject for kind in AUDITED}.isdisjoint(EVERYDAY), "the index leaves these out"


async def test_it_tells_who_did_what_to_whom_with_what(
    make: Factory, root: Person, auditor: httpx.AsyncClient, client_for: ClientFor
) -> None:
    ana = await make.user("ana")
    project = await make.project(ana, key="WEB")
    await make.task(project)
    async with make.client(ana) as client:
        invited = {"email": "guest@example.com", "role": "viewer"}
        answer = await client.post(
            "/api/v1/projects/WEB/invitations", json=invited, headers={"X-Request-ID": "audit-this"}
        )
    assert answer.status_code == 201
    found = await events(auditor, project="WEB")
    assert (found[0]["kind"], found[0]["request_id"]) == ("invitation.created", "audit-this")
    assert found[0]["actor_id"] == str(ana.id)
    assert (found[0]["actor_kind"], found[0]["token_id"]) == ("user", None)
    assert {event["kind"] for event in found} == {"invitation.created", "member.added"}
    assert (await auditor.get(f"{AUDIT}/{found[0]['id']}")).json() == found[0]
    by_ana = {event["kind"] for event in await events(auditor, actor=ana.id)}
    assert by_ana == {"session.started", "member.added", "invitation.created"}


async def test_filters_narrow_it_together(make: Factory, auditor: httpx.AsyncClient) -> None:
    ana, bo = await make.user("ana"), await make.user("bo")
    project = await make.project(ana, key="WEB")
    await make.member(project, ProjectRole.EDITOR, bo)
    both = await events(auditor, kind=["member.added", "user.registered"])
    assert {event["kind"] for event in both} == {"member.added", "user.registered"}
    [registered] = await events(auditor, kind="user.registered", subject=bo.id)
    assert registered["subject_key"] == "bo"
    assert await events(auditor, project=project.id) == await events(auditor, project="WEB")
    assert await events(auditor, project="NONE") == []
    now = utc_now()
    assert await events(auditor, since=(now + timedelta(hours=1)).isoformat()) == []
    assert await events(auditor, until=registered["at"], subject=bo.id) == []
    assert len(await events(auditor, since=registered["at"], subject=bo.id, kind="user.registered")) == 1


async def test_pages_hold_each_event_once_newest_first(make: Factory, auditor: httpx.AsyncClient) -> None:
    for _ in range(3):
        await make.user()
    whole = await events(auditor)
    assert [event["at"] for event in whole] == sorted((event["at"] for event in whole), reverse=True)
    walked: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 2, "include": "total"}
    while True:
        page = (await auditor.get(AUDIT, params=query)).json()
        walked += page["items"]
        assert page["total"] == len(whole)
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert walked == whole


async def test_looking_at_it_leaves_nothing_in_it(auditor: httpx.AsyncClient) -> None:
    before = await events(auditor)
    await auditor.get(f"{AUDIT}/{before[0]['id']}")
    assert await events(auditor) == before


async def test_other_changes_are_not_in_it(make: Factory, auditor: httpx.AsyncClient, tables: Any) -> None:
    await make.task(await make.project(key="WEB"))
    task_created = await tables.fetchval("SELECT id FROM events WHERE kind = 'task.created'")
    assert problem(await auditor.get(f"{AUDIT}/{task_created}")) == (404, "not_found")
    assert problem(await auditor.get(f"{AUDIT}/{uuid4()}")) == (404, "not_found")
    assert problem(await auditor.get(AUDIT, params={"kind": "task.created"})) == (422, "validation_error")
    assert problem(await auditor.get(AUDIT, params={"kind": "nothing.happened"})) == (422, "validation_error")


async def test_it_is_for_administrators_in_a_session(
    make: Factory, root: Person, client_for: ClientFor, client: httpx.AsyncClient
) -> None:
    owner = await make.user()
    await make.project(owner)
    refused = await client_for(owner).get(AUDIT)
    assert problem(refused) == (403, "forbidden")
    assert Permission.AUDIT_READ in refused.json()["detail"]
    token = await api_token(make, root, *Scope)
    assert problem(await carrying(client, token).get(AUDIT)) == (403, "insufficient_scope")


async def test_an_index_finds_the_newest_however_many_tasks_there_are(tables: Any) -> None:
    await tables.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    page = queries.page(frozenset(), 50, continues=False)
    plan = await tables.fetch(f"EXPLAIN {page.sql}", *page.arguments({"kinds": list(AUDITED), "offset": 0}))
    assert "ix_events_audit" in "\n".join(row[0] for row in plan)
