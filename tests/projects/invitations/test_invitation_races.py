"""Twenty at the same moment: one member, one fact; one open invitation for one address."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.support.databases import connect
from tests.support.factory import Factory
from tests.support.mailbox import Mailbox, token_in

pytestmark = pytest.mark.slow


@pytest.fixture
async def look(live: Factory, database_url: str) -> Any:
    """A connection of the test's own, to look at the tables with."""
    connection = await connect(database_url)
    yield connection
    await connection.close()


async def test_twenty_uses_of_one_link_make_one_member(live: Factory, look: Any) -> None:
    mailbox = Mailbox(live.app, look)
    project = await live.project(key="WEB")
    owner = live.client(project.owner)
    for attempt in range(20):
        person = await live.user(f"person{attempt}")
        await owner.post("/api/v1/projects/WEB/invitations", json={"email": person.email, "role": "viewer"})
        token = token_in((await mailbox.collect())[-1])
        client = live.client(person)
        answers = await asyncio.gather(
            *(client.post("/api/v1/invitations/accept", json={"token": token}) for _ in range(20))
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 19}
        facts = "SELECT count(*) FROM events WHERE kind = $1 AND actor_id = $2"
        assert await look.fetchval(facts, "invitation.accepted", person.id) == 1
        assert await look.fetchval(facts, "member.added", person.id) == 1


async def test_an_acceptance_and_a_revocation_at_once_agree(live: Factory, look: Any) -> None:
    mailbox = Mailbox(live.app, look)
    project = await live.project(key="WEB")
    owner = live.client(project.owner)
    for attempt in range(20):
        person = await live.user(f"person{attempt}")
        sent = await owner.post("/api/v1/projects/WEB/invitations", json={"email": person.email, "role": "viewer"})
        token = token_in((await mailbox.collect())[-1])
        accepted, revoked = await asyncio.gather(
            live.client(person).post("/api/v1/invitations/accept", json={"token": token}),
            owner.delete(f"/api/v1/projects/WEB/invitations/{sent.json()['id']}"),
        )
        assert (accepted.status_code, revoked.status_code) in {(200, 404), (400, 204)}


async def test_many_invitations_of_one_address_at_once_leave_one_open(live: Factory, look: Any) -> None:
    project = await live.project(key="WEB")
    owner = live.client(project.owner)
    body = {"email": "maria@example.com", "role": "viewer"}
    answers = await asyncio.gather(*(owner.post("/api/v1/projects/WEB/invitations", json=body) for _ in range(8)))
    assert Counter(answer.status_code for answer in answers) == {201: 5, 429: 3}
    assert await look.fetchval("SELECT count(*) FROM invitations WHERE revoked_at IS NULL") == 1
