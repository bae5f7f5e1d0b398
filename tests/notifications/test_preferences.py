"""How somebody wants to be told: kind by kind, at which hours, and by the link in a mail, without signing in."""

import asyncio
from typing import Any

import httpx
import pytest

from taskapi.core.ids import new_id
from taskapi.models import NotificationKind
from taskapi.notifications.unsubscribing.links import Unsubscribing
from tests.conftest import SECRET_KEY, ClientFor
from tests.support.answers import faults, pointers, problem
from tests.support.factory import Factory, Person

PREFERENCES = "/api/v1/notifications/preferences"
UNSUBSCRIBE = "/api/v1/notifications/unsubscribe"


@pytest.fixture
async def ana(make: Factory) -> Person:
    return await make.user("ana")


@pytest.fixture
def mine(ana: Person, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(ana)


def link(person: Person, *kinds: NotificationKind) -> str:
    return f"{UNSUBSCRIBE}?token={Unsubscribing(SECRET_KEY).write(person.id, kinds)}"


async def test_who_chose_nothing_is_mailed_what_is_for_them(mine: httpx.AsyncClient) -> None:
    found = (await mine.get(PREFERENCES)).json()
    assert {kind: chosen["email"] for kind, chosen in found["kinds"].items()} == {
        "assigned": "now",
        "mentioned": "now",
        "commented": "digest",
        "status_changed": "off",
        "due_soon": "digest",
        "overdue": "digest",
        "reminder": "now",
        "invited": "now",
        "rule": "now",
    }
    assert all(chosen["in_app"] for chosen in found["kinds"].values())
    assert (found["quiet_hours"], found["digest_hour"], found["version"]) == (None, 8, 1)


async def test_what_is_chosen_is_merged(mine: httpx.AsyncClient, ana: Person) -> None:
    night = {"from": "22:00", "to": "07:00"}
    first = {"kinds": {"commented": {"email": "off"}}, "quiet_hours": night, "digest_hour": 0}
    before = (await mine.get(PREFERENCES)).headers["etag"]
    changed = await mine.patch(PREFERENCES, json=first, headers={"If-Match": before})
    assert changed.status_code == 200, changed.text
    again = await mine.patch(PREFERENCES, json={"kinds": {"commented": {"in_app": False}, "overdue": {"email": "now"}}})
    found = again.json()
    assert found["kinds"]["commented"] == {"in_app": False, "email": "off"}
    assert found["kinds"]["overdue"] == {"in_app": True, "email": "now"}
    assert (found["quiet_hours"], found["digest_hour"]) == (night, 0)
    assert (await mine.get(PREFERENCES)).json() == found
    same = await mine.patch(PREFERENCES, json={"digest_hour": 0})
    assert same.json()["version"] == found["version"]
    assert (await mine.patch(PREFERENCES, json={"quiet_hours": None})).json()["quiet_hours"] is None
    stale = await mine.patch(PREFERENCES, json={"digest_hour": 1}, headers={"If-Match": before})
    assert problem(stale) == (412, "precondition_failed")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kinds": {"gossip": {"email": "off"}}}, "/kinds/gossip"),
        ({"kinds": {"assigned": {"email": "hourly"}}}, "/kinds/assigned/email"),
        ({"kinds": {"assigned": {"in_app": "no"}}}, "/kinds/assigned/in_app"),
        ({"kinds": None}, "/kinds"),
        ({"digest_hour": 24}, "/digest_hour"),
        ({"digest_hour": None}, "/digest_hour"),
        ({"quiet_hours": {"from": "22:00"}}, "/quiet_hours/to"),
        ({"quiet_hours": {"from": "24:00", "to": "07:00"}}, "/quiet_hours/from"),
        ({"quiet_hours": {"from": "07:00", "to": "07:00"}}, "/quiet_hours"),
        ({"quiet_hours": {"begin": "22:00", "to": "07:00"}}, "/quiet_hours/from"),
    ],
)
async def test_what_cannot_be_chosen_is_refused(body: dict[str, Any], pointer: str, mine: httpx.AsyncClient) -> None:
    assert pointer in pointers(await mine.patch(PREFERENCES, json=body))


async def test_a_link_ends_mails_and_looking_at_it_does_not(
    mine: httpx.AsyncClient, ana: Person, client: httpx.AsyncClient
) -> None:
    address = link(ana, NotificationKind.COMMENTED, NotificationKind.OVERDUE)
    await mine.patch(PREFERENCES, json={"kinds": {"commented": {"in_app": False}}})
    before = (await mine.get(PREFERENCES)).json()
    looked = await client.get(address)
    assert looked.json() == {"kinds": ["commented", "overdue"], "done": False}
    page = await client.get(address, headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.headers["content-type"].startswith("text/html")
    assert 'method="post"' in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert (await mine.get(PREFERENCES)).json() == before
    for _ in range(2):
        done = await client.post(address, data={"List-Unsubscribe": "One-Click"})
        assert done.json() == {"kinds": ["commented", "overdue"], "done": True}
    found = (await mine.get(PREFERENCES)).json()["kinds"]
    assert found["commented"] == {"in_app": False, "email": "off"}
    assert found["overdue"] == {"in_app": True, "email": "off"}
    assert found["assigned"] == before["kinds"]["assigned"]
    assert (await client.post(address)).status_code == 200
    parts = await client.post(address, files={"List-Unsubscribe": (None, "One-Click")})
    assert parts.status_code == 200, parts.text
    browser = await client.post(address, headers={"Accept": "text/html"})
    assert "no more mails" in browser.text


async def test_no_other_link_does(ana: Person, client: httpx.AsyncClient, tables: Any, make: Factory) -> None:
    good = link(ana, NotificationKind.COMMENTED)
    foreign = Unsubscribing("another key of another service").write(ana.id, [NotificationKind.COMMENTED])
    widened = link(ana, *NotificationKind)[:-43] + good[-43:]  # the kinds of one, and the signature of the other
    for address in (good[:-1], f"{UNSUBSCRIBE}?token=", f"{UNSUBSCRIBE}?token={foreign}", widened, good + "é"):
        assert problem(await client.post(address)) == (400, "link_not_valid")
        assert problem(await client.get(address)) == (400, "link_not_valid")
    assert faults(await client.post(UNSUBSCRIBE)) == [("/query/token", "missing")]
    assert await tables.fetchval("SELECT count(*) FROM notification_preferences") == 0
    nobody = Person(new_id(), "x", "x", "", "", ana.caller)
    assert (await client.post(link(nobody, NotificationKind.COMMENTED))).status_code == 200
    assert await tables.fetchval("SELECT count(*) FROM notification_preferences") == 0


@pytest.mark.slow
async def test_two_who_choose_at_once_lose_nothing(live: Factory) -> None:
    ana = await live.user("ana")
    async with live.client(ana) as mine:
        bodies = [{"kinds": {kind: {"email": "off"}}} for kind in NotificationKind]
        answers = await asyncio.gather(*(mine.patch(PREFERENCES, json=body) for body in bodies))
        assert {answer.status_code for answer in answers} == {200}
        found = (await mine.get(PREFERENCES)).json()["kinds"]
    assert {chosen["email"] for chosen in found.values()} == {"off"}
