"""Calendar feeds: made, listed, taken back, and read with the rights that their owner has now."""

import asyncio
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from icalendar import Calendar
from icalendar.prop import vRecur

from taskapi.models import ProjectRole
from taskapi.tasks.feeds import service
from tests.support.answers import problem
from tests.support.factory import Factory, MadeProject

API = "/api/v1"
FEEDS = f"{API}/users/me/feeds"


async def made(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await client.post(FEEDS, json={"kind": "todo", **body})
    assert answer.status_code == 201, answer.text
    fields: dict[str, Any] = answer.json()
    return fields


def path_of(feed: dict[str, Any]) -> str:
    return f"{API}/feeds/{feed['token']}.ics"


async def entries(client: httpx.AsyncClient, feed: dict[str, Any]) -> dict[str, Any]:
    """By their titles; read without a sign-in, and parsed again from what it was folded to."""
    answer = await client.get(path_of(feed))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    whole = Calendar.from_ical(answer.content)
    return {str(entry["summary"]): entry for entry in (*whole.walk("VTODO"), *whole.walk("VEVENT"))}


async def test_a_feed_is_shown_with_its_secret_once(owner: httpx.AsyncClient, web: MadeProject) -> None:
    feed = await made(owner, label="My phone", project="WEB", filter="is:open")
    assert feed["url"] == f"http://127.0.0.1:8000{path_of(feed)}"
    shown = {name: value for name, value in feed.items() if name not in {"token", "url"}}
    assert shown["project_id"] == str(web.id)
    assert (await owner.get(f"{FEEDS}/{feed['id']}")).json() == shown
    assert (await owner.get(FEEDS)).json()["items"] == [shown]
    assert feed["token"] not in (await owner.get(FEEDS)).text


async def test_without_a_project_and_a_filter_it_shows_what_is_assigned_to_its_owner(
    owner: httpx.AsyncClient, web: MadeProject, client: httpx.AsyncClient
) -> None:
    mine = {"title": "Mine", "assignee_ids": [str(web.owner.id)]}
    for body in (mine, {"title": "Nobody's"}):
        await owner.post(web.tasks_path, json=body)
    assert set(await entries(client, await made(owner))) == {"Mine"}
    assert set(await entries(client, await made(owner, project="WEB"))) == {"Mine", "Nobody's"}
    assert set(await entries(client, await made(owner, filter="-assignee:me"))) == {"Nobody's"}


async def test_events_are_of_tasks_that_are_due(
    owner: httpx.AsyncClient, web: MadeProject, client: httpx.AsyncClient
) -> None:
    for body in (
        {"title": "Day", "due_on": "2027-03-28", "start_on": "2027-03-01"},
        {"title": "Instant", "due_at": "2027-03-28T08:00:00Z"},
        {"title": "Never"},
    ):
        await owner.post(web.tasks_path, json=body)
    events = await entries(client, await made(owner, project="WEB", kind="event"))
    assert {name: event.name for name, event in events.items()} == {"Day": "VEVENT", "Instant": "VEVENT"}
    assert (events["Day"]["dtstart"].dt, events["Day"]["dtend"].dt) == (date(2027, 3, 28), date(2027, 3, 29))
    assert events["Instant"]["dtstart"].dt == datetime.fromisoformat("2027-03-28T08:00:00Z")


async def test_times_are_told_in_the_zone_of_the_owner_which_is_told_too(
    owner: httpx.AsyncClient, web: MadeProject, client: httpx.AsyncClient
) -> None:
    await owner.patch(f"{API}/users/me", json={"timezone": "Europe/Berlin"})
    await owner.post(
        web.tasks_path, json={"title": "Summer", "due_at": "2027-07-01T08:00:00Z", "start_on": "2027-06-30"}
    )
    feed = await made(owner, project="WEB")
    text = (await client.get(path_of(feed))).text
    assert "DUE;TZID=Europe/Berlin:20270701T100000\r\n" in text
    assert "DTSTART;TZID=Europe/Berlin:20270630T000000\r\n" in text
    assert text.count("BEGIN:VTIMEZONE") == 1
    assert text.index("TZID:Europe/Berlin") < text.index("BEGIN:VTODO")


@pytest.mark.parametrize(
    ("due", "rule", "shown", "excluded"),
    [
        ({"due_on": "2027-01-04"}, "FREQ=WEEKLY;COUNT=5", "FREQ=WEEKLY;COUNT=5", b"20270111"),
        ({"due_on": "2027-01-04"}, "FREQ=DAILY;UNTIL=20270201", "FREQ=DAILY;UNTIL=20270201", b"20270111"),
        (
            {"due_at": "2027-01-04T09:00:00Z"},
            "FREQ=DAILY;UNTIL=20270201",
            "FREQ=DAILY;UNTIL=20270201T225959Z",
            b"20270111T100000",
        ),
        ({"due_at": "2027-01-04T09:00:00Z"}, "FREQ=MONTHLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=1MO", b"20270111T100000"),
    ],
)
async def test_rules_are_those_of_the_task(
    due: dict[str, str],
    rule: str,
    shown: str,
    excluded: bytes,
    owner: httpx.AsyncClient,
    web: MadeProject,
    client: httpx.AsyncClient,
) -> None:
    await owner.patch(f"{API}/users/me", json={"timezone": "Europe/Vienna"})
    task = (await owner.post(web.tasks_path, json={"title": "Again", **due})).json()
    put = {"rule": rule, "mode": "schedule", "exdates": ["2027-01-11"]}
    assert (await owner.put(f"{API}/tasks/{task['key']}/recurrence", json=put)).status_code == 200
    entry = (await entries(client, await made(owner, project="WEB")))["Again"]
    assert entry["rrule"] == vRecur.from_ical(shown)
    assert entry["dtstart"].to_ical() == entry["due"].to_ical()
    assert entry["exdate"].to_ical() == excluded


async def test_days_that_are_counted_from_completion_are_in_no_rule(
    owner: httpx.AsyncClient, web: MadeProject, client: httpx.AsyncClient
) -> None:
    task = (await owner.post(web.tasks_path, json={"title": "Again", "due_on": "2027-01-04"})).json()
    await owner.put(f"{API}/tasks/{task['key']}/recurrence", json={"rule": "FREQ=DAILY", "mode": "completion"})
    assert "rrule" not in (await entries(client, await made(owner, project="WEB")))["Again"]


async def test_alarms_are_the_owners_reminders_alone(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, client: httpx.AsyncClient
) -> None:
    other = make.client(await make.member(web, ProjectRole.EDITOR))
    task = (await owner.post(web.tasks_path, json={"title": "Call", "due_at": "2027-01-04T09:00:00Z"})).json()
    reminders = f"{API}/tasks/{task['key']}/reminders"
    await owner.post(reminders, json={"minutes_before": 15})
    await owner.post(reminders, json={"at": "2027-01-03T12:00:00Z"})
    await other.post(reminders, json={"minutes_before": 99})

    async def triggers(kind: str) -> list[str]:
        entry = (await entries(client, await made(owner, project="WEB", kind=kind)))["Call"]
        alarms = entry.walk("VALARM")
        return [f"{sorted(a['trigger'].params.items())} {a['trigger'].to_ical().decode()}" for a in alarms]

    at = "[('VALUE', 'DATE-TIME')] 20270103T120000Z"
    assert await triggers("todo") == ["[('RELATED', 'END')] -PT15M", at]
    assert await triggers("event") == ["[] -PT15M", at]


async def test_what_is_known_is_not_sent_again_until_something_changes(
    owner: httpx.AsyncClient, web: MadeProject, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    label = (await owner.post(f"{API}/projects/WEB/labels", json={"name": "bug", "color": "#ff0000"})).json()
    task = (await owner.post(web.tasks_path, json={"title": "Call", "label_ids": [label["id"]]})).json()
    feed = await made(owner, project="WEB")
    etag = (await client.get(path_of(feed))).headers["etag"]

    async def is_known() -> bool:
        answer = await client.get(path_of(feed), headers={"If-None-Match": etag})
        assert answer.headers["etag"]
        return answer.status_code == 304

    with monkeypatch.context() as patch:
        patch.delattr(service, "_written")  # nothing is rendered for it
        assert await is_known()
    for method, path, body in (
        ("PATCH", f"/tasks/{task['key']}", {"title": "Ring"}),
        ("PATCH", f"/projects/WEB/labels/{label['id']}", {"name": "fault"}),
        ("POST", f"/tasks/{task['key']}/checklist", {"text": "Dial"}),
        ("POST", f"/tasks/{task['key']}/reminders", {"at": "2027-01-03T12:00:00Z"}),
        ("PATCH", "/users/me", {"timezone": "Asia/Tokyo"}),
        ("PATCH", "/projects/WEB", {"name": "Renamed"}),
        ("DELETE", f"/tasks/{task['key']}", None),
    ):
        assert (await owner.request(method, f"{API}{path}", json=body)).status_code < 300
        assert not await is_known(), path
        etag = (await client.get(path_of(feed))).headers["etag"]
        assert await is_known()


async def test_who_loses_a_membership_loses_the_tasks(
    owner: httpx.AsyncClient, web: MadeProject, make: Factory, client: httpx.AsyncClient
) -> None:
    member = await make.member(web, ProjectRole.VIEWER)
    await owner.post(web.tasks_path, json={"title": "Secret", "assignee_ids": [str(member.id)]})
    feeds = [await made(make.client(member), **body) for body in ({}, {"project": "WEB"}, {"filter": "is:open"})]
    for feed in feeds:
        assert set(await entries(client, feed)) == {"Secret"}
    await owner.delete(f"{API}/projects/WEB/members/{member.id}")
    for feed in feeds:
        assert not await entries(client, feed)
        assert "Project" not in (await client.get(path_of(feed))).text


async def test_trash_and_archive_are_as_in_lists(
    owner: httpx.AsyncClient, web: MadeProject, client: httpx.AsyncClient
) -> None:
    await owner.post(web.tasks_path, json={"title": "Call"})
    everywhere, here = await made(owner, filter="is:open"), await made(owner, project="WEB")
    await owner.patch(f"{API}/projects/WEB", json={"archived": True})
    assert (set(await entries(client, everywhere)), set(await entries(client, here))) == (set(), {"Call"})
    await owner.delete(f"{API}/projects/WEB")
    assert not await entries(client, here)


async def test_an_administrators_feed_shows_their_own_projects(
    make: Factory, web: MadeProject, owner: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    await owner.post(web.tasks_path, json={"title": "Call"})
    root = make.client(await make.user("root", admin=True))
    assert not await entries(client, await made(root, project="WEB"))
    assert not await entries(client, await made(root, filter="is:open"))


async def test_what_was_taken_back_is_as_absent_as_what_never_was(
    owner: httpx.AsyncClient, web: MadeProject, client: httpx.AsyncClient, make: Factory
) -> None:
    feed = await made(owner)
    other = make.client(await make.user())
    assert (await other.delete(f"{FEEDS}/{feed['id']}")).status_code == 404
    assert (await other.get(f"{FEEDS}/{feed['id']}")).status_code == 404
    assert (await client.get(path_of(feed))).status_code == 200
    assert (await owner.delete(f"{FEEDS}/{feed['id']}", headers={"If-Match": '"7"'})).status_code == 412
    assert (await owner.delete(f"{FEEDS}/{feed['id']}")).status_code == 204
    answers = [await client.get(path) for path in (path_of(feed), f"{API}/feeds/{'x' * 43}.ics", f"{API}/feeds/x.ics")]
    assert [problem(answer) for answer in answers] == [(404, "not_found")] * 3
    assert feed["token"] not in answers[0].text
    assert (await owner.delete(f"{FEEDS}/{feed['id']}")).status_code == 404


async def test_the_feed_of_a_disabled_account_is_gone(
    make: Factory, owner: httpx.AsyncClient, web: MadeProject, client: httpx.AsyncClient
) -> None:
    feed = await made(owner)
    root = make.client(await make.user("root", admin=True))
    person = f"{API}/users/{web.owner.id}"
    await root.patch(person, json={"is_active": False})
    assert (await client.get(path_of(feed))).status_code == 404
    await root.patch(person, json={"is_active": True})
    assert (await client.get(path_of(feed))).status_code == 200


async def test_feeds_that_somebody_else_may_have_made_end_with_what_they_let_in(
    make: Factory, owner: httpx.AsyncClient, web: MadeProject, client: httpx.AsyncClient
) -> None:
    feed = await made(owner)
    root = make.client(await make.user("root", admin=True))
    assert (await root.post(f"{API}/users/{web.owner.id}/sign-out")).status_code == 204
    assert (await client.get(path_of(feed))).status_code == 404


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (422, "validation_error")),
        ({"kind": "journal"}, (422, "validation_error")),
        ({"kind": "todo", "filter": "is:nonsense"}, (422, "invalid_filter")),
        ({"kind": "todo", "project": "NONE"}, (404, "not_found")),
        ({"kind": "todo", "token": "mine"}, (422, "validation_error")),
        ({"kind": "todo", "label": " "}, (422, "validation_error")),
    ],
)
async def test_what_cannot_be_a_feed_is_refused(
    body: dict[str, Any], expected: tuple[int, str], owner: httpx.AsyncClient
) -> None:
    assert problem(await owner.post(FEEDS, json=body)) == expected


async def test_a_filter_that_names_a_field_which_is_gone_says_so(
    owner: httpx.AsyncClient, web: MadeProject, client: httpx.AsyncClient
) -> None:
    field = (
        await owner.post(f"{API}/projects/WEB/fields", json={"key": "cost", "name": "Cost", "type": "number"})
    ).json()
    feed = await made(owner, project="WEB", filter="field.cost:>1")
    assert (await client.get(path_of(feed))).status_code == 200
    await owner.delete(f"{API}/projects/WEB/fields/{field['id']}")
    assert problem(await client.get(path_of(feed))) == (422, "invalid_filter")


async def test_nobody_has_feeds_without_number(live: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_MOST", 2)
    client = live.client(await live.user())
    answers = await asyncio.gather(*(client.post(FEEDS, json={"kind": "todo"}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"too_many_feeds"}


async def test_an_id_of_the_clients_own_is_taken_once(owner: httpx.AsyncClient) -> None:
    feed = await made(owner)
    assert problem(await owner.post(FEEDS, json={"kind": "todo", "id": feed["id"]})) == (409, "id_taken")
    assert problem(await owner.post(FEEDS, json={"kind": "todo", "id": str(uuid4())})) == (422, "validation_error")


async def test_only_so_many_are_shown_those_due_longest_ago_left_out(
    owner: httpx.AsyncClient, web: MadeProject, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_MOST_ENTRIES", 2)
    for body in (
        {"title": "Old", "due_on": "2020-01-01"},
        {"title": "Undated"},
        {"title": "New", "due_on": "2030-01-01"},
    ):
        await owner.post(web.tasks_path, json=body)
    assert set(await entries(client, await made(owner, project="WEB"))) == {"New", "Old"}


async def test_when_it_was_read_is_told_to_the_minute(
    owner: httpx.AsyncClient, web: MadeProject, client: httpx.AsyncClient
) -> None:
    feed = await made(owner)
    assert feed["last_used_at"] is None
    await client.get(path_of(feed))
    first = (await owner.get(f"{FEEDS}/{feed['id']}")).json()["last_used_at"]
    await client.get(path_of(feed))
    again = (await owner.get(f"{FEEDS}/{feed['id']}")).json()
    assert first is not None
    assert (again["last_used_at"], again["version"]) == (first, 1)
