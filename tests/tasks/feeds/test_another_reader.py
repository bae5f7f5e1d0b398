"""Feeds as a second program reads them, which shares no code with the one that writes; and by RFC 5545."""

import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import vobject
from dateutil.tz import tzical

from taskapi.tasks.calendars import zones
from tests.support.factory import MadeProject
from tests.support.statements import Counting

API = "/api/v1"
_TITLE = 'Fix; the "door", C:\\new\\path — ' + "👩‍👩‍👧 ä" * 20
_TEXT = "First, a line;\nthen\\n another\n\n\tBEGIN:VEVENT\nEND:VTODO\n" + "Größe\u2028 " * 40


@pytest.fixture
async def tasks(owner: httpx.AsyncClient, web: MadeProject) -> None:
    await owner.patch(f"{API}/users/me", json={"timezone": "Europe/Vienna"})
    label = await owner.post(f"{API}/projects/WEB/labels", json={"name": "a, b; c", "color": "#ff0000"})
    for body in (
        {"title": _TITLE, "description": _TEXT, "label_ids": [label.json()["id"]], "priority": "urgent"},
        {"title": "Weekly", "due_at": "2027-03-22T09:00:00Z"},
        {"title": "Daily", "due_on": "2027-03-27"},
        {"title": "Done", "status": "done", "due_on": "2027-01-01", "start_on": "2026-12-01"},
    ):
        assert (await owner.post(web.tasks_path, json=body)).status_code == 201
    for key, rule, left_out in (("WEB-2", "FREQ=WEEKLY;COUNT=4", "2027-03-29"), ("WEB-3", "FREQ=DAILY", "2027-03-29")):
        put = {"rule": rule, "mode": "schedule", "exdates": [left_out]}
        assert (await owner.put(f"{API}/tasks/{key}/recurrence", json=put)).status_code == 200
    await owner.post(f"{API}/tasks/WEB-2/reminders", json={"minutes_before": 90})


async def feed(owner: httpx.AsyncClient, client: httpx.AsyncClient, kind: str) -> bytes:
    made = await owner.post(f"{API}/users/me/feeds", json={"kind": kind, "project": "WEB", "label": "Ünser; Plan, 1"})
    answer = await client.get(f"{API}/feeds/{made.json()['token']}.ics")
    assert answer.status_code == 200
    return answer.content


def entries(content: bytes, kind: str) -> dict[str, Any]:
    whole = vobject.readOne(content.decode())
    assert whole.x_wr_calname.value == "Ünser; Plan, 1"
    return {entry.summary.value: entry for entry in whole.contents[f"v{kind}"]}


@pytest.mark.usefixtures("tasks")
async def test_another_program_reads_what_was_meant(owner: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    todos = entries(await feed(owner, client, "todo"), "todo")
    assert set(todos) == {_TITLE, "Weekly", "Daily", "Done"}
    odd = todos[_TITLE]
    assert odd.description.value == _TEXT
    assert (odd.categories.value, odd.priority.value) == (["a, b; c"], "1")
    assert odd.url.value.endswith("/tasks/WEB-1")
    weekly = todos["Weekly"]
    assert weekly.due.value == datetime(2027, 3, 22, 9, tzinfo=UTC)
    [alarm] = weekly.contents["valarm"]
    assert (alarm.trigger.value, alarm.trigger.params["RELATED"]) == (timedelta(minutes=-90), ["END"])
    assert todos["Done"].status.value == "COMPLETED"
    assert (todos["Done"].dtstart.value, todos["Done"].due.value) == (date(2026, 12, 1), date(2027, 1, 1))


@pytest.mark.usefixtures("tasks")
async def test_its_series_has_the_days_of_ours(owner: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    """At ten o'clock in Vienna, before the change of clocks on 28 March and after it; not on the day left out."""
    events = entries(await feed(owner, client, "event"), "event")
    weekly = [at.astimezone(UTC) for at in events["Weekly"].getrruleset(addRDate=True)]
    assert weekly == [datetime(2027, 3, 22, 9, tzinfo=UTC), *(datetime(2027, 4, d, 8, tzinfo=UTC) for d in (5, 12))]
    daily = events["Daily"].getrruleset(addRDate=True)
    assert [at.date() for at in daily[:4]] == [date(2027, 3, day) for day in (27, 28, 30, 31)]


@pytest.mark.usefixtures("tasks")
@pytest.mark.parametrize("kind", ["todo", "event"])
async def test_it_is_written_by_the_letter(owner: httpx.AsyncClient, client: httpx.AsyncClient, kind: str) -> None:
    content = await feed(owner, client, kind)
    assert content.endswith(b"END:VCALENDAR\r\n")
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    # §3.1: 75 octets without the end of the line, which nothing else makes; and no letter of several bytes is cut.
    assert max(map(len, lines)) <= 75
    assert all(line.decode() and b"\n" not in line and b"\r" not in line for line in lines)
    unfolded = content.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")
    parameter = r";[A-Z0-9-]+=(?:[^\x00-\x1f\";:,]*|\"[^\x00-\x1f\"]*\")"
    line_of = re.compile(rf"[A-Z0-9-]+(?:{parameter})*:[^\x00-\x08\x0a-\x1f\x7f]*")
    assert [line for line in unfolded if not line_of.fullmatch(line)] == []
    # §3.3.11: a backslash stands before what it escapes, and never alone.
    for line in unfolded:
        if line.startswith(("SUMMARY:", "DESCRIPTION:")):
            assert re.fullmatch(r"(?:[^\\,;]|\\[\\,;nN])*", line.partition(":")[2])
    # §3.6.1, §3.6.2: one of each in each, and no entry has the UID of another.
    told = re.findall(rf"BEGIN:V{kind.upper()}\n(.*?)END:V{kind.upper()}\n", "\n".join(unfolded) + "\n", re.DOTALL)
    assert len(told) == {"todo": 4, "event": 3}[kind]
    for entry in told:
        assert [entry.count(f"\n{name}") + entry.startswith(name) for name in ("UID:", "DTSTAMP:")] == [1, 1]
        assert re.search(r"^DTSTAMP:\d{8}T\d{6}Z$", entry, re.MULTILINE)
    assert len(set(re.findall(r"^UID:(.+)$", "\n".join(told), re.MULTILINE))) == len(told)


@pytest.mark.usefixtures("tasks")
async def test_who_has_it_costs_two_statements_and_no_bytes(
    owner: httpx.AsyncClient, client: httpx.AsyncClient, count_statements: Counting
) -> None:
    made = await owner.post(f"{API}/users/me/feeds", json={"kind": "todo", "project": "WEB"})
    path = f"{API}/feeds/{made.json()['token']}.ics"
    etag = (await client.get(path)).headers["etag"]
    async with count_statements() as seen:
        known = await client.get(path, headers={"If-None-Match": etag})
    assert (known.status_code, known.content, len(seen)) == (304, b"", 2)


# By rule north and south of the equator, by half an hour, by the moon, by decree of the week before, and never.
_ZONES = (
    *("Europe/Vienna", "America/New_York", "Australia/Sydney", "Australia/Lord_Howe", "Africa/Casablanca"),
    *("Europe/Dublin", "Asia/Jerusalem", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"),
)


def test_clocks_are_told_as_they_go() -> None:
    """An instant every nineteen days and some hours, from 1971 to beyond the last year that is looked at."""
    for key in _ZONES:
        ours, theirs = ZoneInfo(key), tzical(StringIO(zones.told(key).decode())).get(key)
        last = 2045 if key not in {"Africa/Casablanca", "Asia/Jerusalem"} else 2036
        at = datetime(1971, 1, 1, tzinfo=UTC)
        while at.year <= last:
            shown = at.astimezone(ours)
            assert shown.replace(tzinfo=theirs).utcoffset() == shown.utcoffset(), shown
            at += timedelta(days=19, hours=7)
