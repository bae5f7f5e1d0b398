"""Mails: one of a task and its minutes, one of a day, never what was read, taken back or lost; and not at night."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from taskapi.core.mail.mailers import SmtpMailer
from taskapi.models import ProjectRole
from taskapi.notifications.mails.service import BOUNDS
from tests.notifications.conftest import INBOX, Worker
from tests.support.factory import Factory, MadeProject, Person
from tests.support.mailbox import text_of
from tests.support.post_office import post_office

WEB_1 = "/api/v1/tasks/WEB-1"
PREFERENCES = f"{INBOX}/preferences"


@pytest.fixture
async def ana(live: Factory, worker: Worker) -> Person:
    return await live.user("ana", full_name="Ana www.example.com")


@pytest.fixture
async def bo(live: Factory, worker: Worker, web: MadeProject) -> Person:
    """Whose address is proven, and who has been told of the project."""
    bo = await live.member(web, ProjectRole.EDITOR, await live.user("bo"))
    await worker.proven(bo)
    await worker.read()
    await worker.tables.execute("DELETE FROM notifications")
    return bo


@pytest.fixture
async def web(live: Factory, ana: Person) -> MadeProject:
    return await live.project(ana, key="WEB", name="Website")


@pytest.fixture
async def told(live: Factory, web: MadeProject, bo: Person, ana: Person, worker: Worker) -> httpx.AsyncClient:
    """Bo's client; a task was assigned to bo, and somebody wrote to bo."""
    await live.task(web, "Fix http://example.com", assignee_ids=[str(bo.id)])
    async with live.client(ana) as hers:
        await hers.post(f"{WEB_1}/comments", json={"body": "Look at evil.example, @bo"})
    await worker.read()
    return live.client(bo)


async def test_what_happens_to_a_task_within_minutes_is_one_mail(
    told: httpx.AsyncClient, worker: Worker, bo: Person, live: Factory, web: MadeProject
) -> None:
    assert await worker.mails() == []
    await worker.tables.execute("UPDATE notifications SET mail_at = now() WHERE kind = 'assigned'")
    [mail] = await worker.mails()
    assert (mail["To"], mail["Subject"]) == (bo.email, "WEB-1 Fix http: / example. com")
    text = text_of(mail)
    assert "Ana www. example. com assigned you to WEB-1 Fix" in text
    assert "mentioned you in WEB-1" in text
    assert "Look at evil. example, (at) bo" in text
    html = mail.get_body(("html",))
    assert html is not None
    assert "evil.example" not in text + html.get_content()
    await worker.wait_for_mails()
    assert await worker.mails() == []
    await live.task(web, "Another", assignee_ids=[str(bo.id)])
    await live.task(web, "A third", assignee_ids=[str(bo.id)])
    await worker.read()
    await worker.wait_for_mails()
    assert {mail["Subject"] for mail in await worker.mails()} == {"WEB-2 Another", "WEB-3 A third"}


async def test_its_header_ends_mails_with_one_click(
    told: httpx.AsyncClient, worker: Worker, live: Factory, ana: Person
) -> None:
    """Over the wire, where a long header could be broken into pieces or encoded."""
    await worker.wait_for_mails()
    async with post_office() as office:
        worker.mailer = SmtpMailer(office.url)
        await worker.mails()
    worker.mailer, [received] = None, office.received
    assert received["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = received["List-Unsubscribe"].strip("<>")
    assert f"No more of this kind: {link}" in text_of(received).splitlines()
    address = urlsplit(link)
    async with live.client() as nobody:
        done = await nobody.post(f"{address.path}?{address.query}", data={"List-Unsubscribe": "One-Click"})
        assert done.json() == {"kinds": ["assigned", "mentioned"], "done": True}
    async with live.client(ana) as hers:
        await hers.post(f"{WEB_1}/comments", json={"body": "Once more, @bo"})
    await worker.read()
    await worker.wait_for_mails()
    assert await worker.mails() == []
    assert (await told.get(INBOX, params={"kind": "mentioned"})).json()["items"][0]["read_at"] is None


async def test_a_mailbox_that_is_none_is_given_up(told: httpx.AsyncClient, worker: Worker, bo: Person) -> None:
    await worker.wait_for_mails()
    async with post_office() as office:
        office.nobody.append(bo.email)
        worker.mailer = SmtpMailer(office.url)
        await worker.mails()
        office.nobody.clear()
        await worker.mails()
    assert office.received == []
    assert (await told.get(INBOX)).json()["unread_count"] == 2


_DISABLED = "UPDATE users SET is_active = false WHERE id = $1"
_NOT_PROVEN = "UPDATE users SET email_verified = false WHERE id = $1"
_LOST = (
    *(_DISABLED, _NOT_PROVEN),
    "DELETE FROM members WHERE user_id = $1",
    "UPDATE notifications SET read_at = now() WHERE user_id = $1",
    "UPDATE tasks SET deleted_at = now() WHERE $1::uuid IS NOT NULL",
    "UPDATE projects SET deleted_at = now() WHERE $1::uuid IS NOT NULL",
    """
    INSERT INTO notification_preferences (user_id, kinds)
    VALUES ($1, '{"assigned": {"email": "off"}, "mentioned": {"email": "off"}}')
    """,
)


@pytest.mark.parametrize(
    ("lost", "handed_over"), [*((lost, True) for lost in _LOST), (_DISABLED, False), (_NOT_PROVEN, False)]
)
async def test_nothing_is_mailed_that_its_person_should_not_get_any_more(
    lost: str, handed_over: bool, told: httpx.AsyncClient, worker: Worker, bo: Person
) -> None:
    """Also where that comes about while the mail waits for the mail server."""
    await worker.wait_for_mails()
    if handed_over:
        await worker.sweep("notification_mails")
    await worker.tables.execute(lost, bo.id)
    assert await worker.mails() == []
    await worker.tables.execute("UPDATE users SET is_active = true, email_verified = true")
    assert await worker.mails() == []


async def test_a_comment_that_is_deleted_within_the_minutes_is_not_mailed(
    told: httpx.AsyncClient, worker: Worker, live: Factory, ana: Person
) -> None:
    async with live.client(ana) as hers:
        [said] = (await hers.get(f"{WEB_1}/comments")).json()["items"]
        await hers.delete(f"{WEB_1}/comments/{said['id']}")
    await worker.wait_for_mails()
    [mail] = await worker.mails()
    assert "mentioned" not in text_of(mail)
    assert "assigned you to WEB-1" in text_of(mail)


async def test_while_the_mail_server_is_away_mails_wait_and_each_goes_once(
    told: httpx.AsyncClient, worker: Worker
) -> None:
    await worker.wait_for_mails()
    worker.fails = True
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            await worker.mails()
    worker.fails = False
    assert len(await worker.mails()) == 1
    assert await worker.mails() == []


async def test_a_day_is_one_mail_at_the_hour_that_was_chosen(
    told: httpx.AsyncClient, worker: Worker, live: Factory, ana: Person, bo: Person, web: MadeProject
) -> None:
    await worker.tables.execute("DELETE FROM notifications")
    await worker.tables.execute("UPDATE users SET timezone = 'Asia/Tokyo' WHERE id = $1", bo.id)
    await told.patch(PREFERENCES, json={"digest_hour": 7})
    await live.task(web, "Another")
    async with live.client(ana) as hers:
        for key in ("WEB-1", "WEB-2"):
            await hers.put(f"/api/v1/tasks/{key}/watch")
            await told.put(f"/api/v1/tasks/{key}/watch")
            await hers.post(f"/api/v1/tasks/{key}/comments", json={"body": "Well"})
    await worker.read()
    moments = {row["mail_at"] for row in await worker.tables.fetch("SELECT mail_at FROM notifications")}
    [moment] = moments
    assert (moment.hour, moment.minute) == (22, 0)  # seven in Tokyo
    assert timedelta(0) < moment - datetime.now(UTC) <= timedelta(days=1)
    assert await worker.mails() == []
    await worker.wait_for_mails()
    [mail] = await worker.mails()
    assert mail["Subject"] == "2 notifications"
    assert "commented on WEB-2 Another" in text_of(mail)


async def test_at_night_nothing_is_mailed_at_once(
    told: httpx.AsyncClient, worker: Worker, live: Factory, ana: Person, bo: Person
) -> None:
    """Not what is handed over already either, because the mail server was away; a zone that nobody knows is UTC."""
    await worker.wait_for_mails()
    await worker.sweep("notification_mails")
    now = datetime.now(UTC)
    night = [f"{now + timedelta(hours=hours):%H}:00" for hours in (-1, 3)]
    await told.patch(PREFERENCES, json={"quiet_hours": dict(zip(("from", "to"), night, strict=True))})
    await worker.tables.execute("UPDATE users SET timezone = 'Mars/Olympus' WHERE id = $1", bo.id)
    assert await worker.mails() == []
    async with live.client(ana) as hers:
        await hers.post(f"{WEB_1}/comments", json={"body": "Well, @bo"})
    await worker.read()
    rows = await worker.tables.fetch("SELECT mail_at FROM notifications WHERE mail_at IS NOT NULL")
    end = (now + timedelta(hours=3)).replace(minute=0, second=0, microsecond=0)
    assert [row["mail_at"] for row in rows] == [end] * 3
    day = [f"{now + timedelta(hours=hours):%H}:00" for hours in (3, 5)]
    await told.patch(PREFERENCES, json={"quiet_hours": dict(zip(("from", "to"), day, strict=True))})
    await worker.wait_for_mails()
    assert len(await worker.mails()) == 1


async def test_who_is_told_too_often_is_told_the_rest_once_a_day(
    told: httpx.AsyncClient, worker: Worker, live: Factory, bo: Person, web: MadeProject
) -> None:
    for number in range(BOUNDS[0].mails):
        await live.task(web, f"Task {number}", assignee_ids=[str(bo.id)])
    await worker.read()
    await worker.wait_for_mails()
    assert len(await worker.mails()) == BOUNDS[0].mails
    [left] = await worker.tables.fetch("SELECT DISTINCT mailing, mail_id FROM notifications WHERE mail_at IS NOT NULL")
    assert (left["mailing"], left["mail_id"]) == ("digest", None)
    await worker.wait_for_mails()
    assert len(await worker.mails()) == 1
