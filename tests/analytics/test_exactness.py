"""Reports say what an evaluator says that replays every fact of a life by chance, one by one."""

import json
from collections import Counter
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from taskapi.core import ids
from taskapi.models import ProjectRole
from tests.analytics.flow import naive
from tests.analytics.flow.random_life import _ACTIONS, RandomLife
from tests.conftest import ClientFor
from tests.support.factory import Factory, MadeProject, Person
from tests.support.moving_clock import MovingClock, moving_clock

BEGINS, FIRST, LAST = "2026-03-01T08:00:00Z", date(2026, 3, 20), date(2026, 4, 5)
_BESIDE = ("link", "checklist_item", "time_entry", "comment", "reaction", "watcher")
State = dict[str, Any]


class BusyLife(RandomLife):
    """And what reports other than those of flow look at."""

    people: list[Person]

    async def _assign(self) -> httpx.Response:
        chosen = self._chance.sample(self.people, self._chance.randint(0, 2))
        return await self._patch(assignee_ids=[str(person.id) for person in chosen])

    async def _due(self) -> httpx.Response:
        day = self._clock.now + timedelta(days=self._chance.randint(-5, 10))
        due = {"due_on": str(day.date())} if self._chance.random() < 0.5 else {"due_at": day.isoformat()}
        start = day.date() - timedelta(days=self._chance.randint(0, 4))
        return await self._patch(**due, start_on=self._chance.choice((None, str(start))))

    async def _work(self) -> httpx.Response:
        hours = self._chance.uniform(0, 30)
        begun = self._clock.now - timedelta(hours=hours)
        entry = {"started_at": begun.isoformat(), "seconds": int(hours * 3600 * self._chance.random())}
        return await self._client.post(f"{self._task()}/time-entries", json=entry)

    async def _say(self) -> httpx.Response:
        return await self._client.post(f"{self._task()}/comments", json={"body": "Well"})


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def is_open(task: State) -> bool:
    return task["status_category"] in naive.OPEN


def within(instant: str | None, first: date, last: date, zone: ZoneInfo) -> bool:
    return instant is not None and first <= datetime.fromisoformat(instant).astimezone(zone).date() <= last


def is_overdue(task: State, now: datetime, zone: ZoneInfo) -> bool:
    if task["due_at"] is not None:
        return is_open(task) and datetime.fromisoformat(task["due_at"]) < now
    return is_open(task) and task["due_on"] is not None and task["due_on"] < str(now.astimezone(zone).date())


def is_active(task: State, day: date, zone: ZoneInfo) -> bool:
    """Due that day; or begun by then, and neither past its due date nor, without one, completed before."""
    due = task["due_on"]
    if task["due_at"] is not None:
        due = str(datetime.fromisoformat(task["due_at"]).astimezone(zone).date())
    if due == str(day):
        return True
    if task["start_on"] is None or task["start_on"] > str(day):
        return False
    if due is not None:
        return bool(due > str(day))
    done = task["completed_at"]
    return done is None or datetime.fromisoformat(done) >= begin_of(day, zone)


def seconds_within(entry: State, first: date, last: date, zone: ZoneInfo) -> int:
    if entry["ended_at"] is None:
        return 0
    begun = max(datetime.fromisoformat(entry["started_at"]), begin_of(first, zone))
    ended = min(datetime.fromisoformat(entry["ended_at"]), begin_of(last + timedelta(days=1), zone))
    return max(0, int((ended - begun).total_seconds()))


class Told:
    """All that the log tells, replayed."""

    def __init__(self, rows: list[Any], project: MadeProject) -> None:
        self.events = [
            {**row, "changes": json.loads(row["changes"]) if isinstance(row["changes"], str) else row["changes"]}
            for row in map(dict, rows)
        ]
        self.project = project
        states: dict[tuple[str, Any], State] = {}
        for event in self.events:
            if event["kind"] == "task.left":
                continue
            state = states.setdefault((event["subject_type"], event["subject_id"]), {})
            state.update({name: after for name, (_, after) in event["changes"].items()})
            if event["kind"] in {"task.purged", "time_entry.deleted"}:
                del states[event["subject_type"], event["subject_id"]]
        self.tasks = [state for (of, _), state in states.items() if of == "task" and naive.counted(state, project.id)]
        here = {task["id"] for task in self.tasks}
        self.entries = [state for (of, _), state in states.items() if of == "time_entry" and state["task_id"] in here]

    def started(self, task: State) -> datetime:
        times: list[datetime] = [
            event["at"]
            for event in self.events
            if str(event["subject_id"]) == task["id"]
            and event["changes"].get("status_category", [None, None])[1] == "started"
        ]
        return min(times)

    def changes(self, task: State, day: date, zone: ZoneInfo) -> int:
        return sum(
            event["at"].astimezone(zone).date() == day
            for event in self.events
            if event["project_id"] == self.project.id
            if str(event["subject_id"]) == task["id"]
            or (event["subject_type"] in _BESIDE and event["subject_key"] == task["key"])
        )


async def require_all(
    client: httpx.AsyncClient, told: Told, now: datetime, zone_name: str, chosen: date, filter_: str | None
) -> None:
    zone, key = ZoneInfo(zone_name), told.project.key
    if filter_ is not None:
        told.tasks = [task for task in told.tasks if task["priority"] == "high"]

    async def asked(report: str, **more: str) -> Any:
        given = {"from": str(FIRST), "to": str(LAST), "tz": zone_name, **more}
        found = await client.get(
            f"/api/v1/projects/{key}/analytics/{report}", params=given | ({"filter": filter_} if filter_ else {})
        )
        assert found.status_code == 200, found.text
        return found.json()

    tasks, waiting = told.tasks, [task for task in told.tasks if is_open(task)]
    done = [task for task in tasks if task["status_category"] == "done"]
    summary = await asked("summary")
    assert (summary["open"], summary["overdue"]) == (len(waiting), sum(is_overdue(task, now, zone) for task in tasks))
    assert summary["created"] == sum(within(task["created_at"], FIRST, LAST, zone) for task in tasks)
    completed = sum(within(task["completed_at"], FIRST, LAST, zone) for task in done)
    assert summary["completed"] == completed
    statuses = Counter(task["status"] for task in tasks)
    assert {one["status"]: one["count"] for one in summary["by_status"] if one["count"]} == statuses
    of_people: Counter[str | None] = Counter()
    late: Counter[str | None] = Counter()
    planned: Counter[str | None] = Counter()
    for task in waiting:
        for person in task["assignee_ids"] or [None]:
            of_people[person] += 1
            late[person] += is_overdue(task, now, zone)
            planned[person] += task["estimate"] or 0
    assert {one["user_id"]: (one["open"], one["overdue"]) for one in summary["by_assignee"]} == {
        person: (count, late[person]) for person, count in of_people.items()
    }
    assert {one["priority"]: one["open"] for one in summary["by_priority"] if one["open"]} == Counter(
        task["priority"] for task in waiting
    )
    workload = {one["user_id"]: one for one in (await asked("workload"))["items"]}
    assert {person: (one["open"], one["overdue"]) for person, one in workload.items()} == {
        person: (count, late[person]) for person, count in of_people.items()
    }
    assert {person: one["estimate"] for person, one in workload.items()} == pytest.approx(dict(planned))
    today = now.astimezone(zone).date()
    assert {one["key"]: one["days"] for one in (await asked("ageing"))["items"]} == {
        task["key"]: (today - told.started(task).astimezone(zone).date()).days
        for task in tasks
        if task["status_category"] == "started"
    }
    shown = {task["id"] for task in tasks}
    worked: Counter[tuple[str, str]] = Counter()
    for entry in told.entries:
        if entry["task_id"] in shown:
            worked[entry["user_id"], entry["task_id"]] += seconds_within(entry, FIRST, LAST, zone)
    found = {(one["user_id"], one["task_id"]): one["seconds"] for one in (await asked("time"))["items"]}
    assert {who: seconds for who, seconds in found.items() if seconds} == +worked
    daily = (await asked("daily", date=str(chosen)))["items"]
    wanted = {
        task["key"]: (
            within(task["created_at"], chosen, chosen, zone),
            task in done and within(task["completed_at"], chosen, chosen, zone),
            sum(seconds_within(one, chosen, chosen, zone) for one in told.entries if one["task_id"] == task["id"]),
            told.changes(task, chosen, zone),
        )
        for task in tasks
        if is_active(task, chosen, zone) or told.changes(task, chosen, zone)
    }
    figures = ("created", "completed", "worked_seconds", "changes")
    assert {one["task"]["key"]: tuple(one[name] for name in figures) for one in daily} == wanted
    forecast = await asked("forecast", runs="50")
    assert (forecast["remaining"], forecast["completed"], forecast["history_days"]) == (len(waiting), completed, 17)


@pytest.mark.slow
async def test_reports_are_what_replaying_every_fact_comes_to(
    make: Factory, client_for: ClientFor, tables: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await make.user("ana")
    projects = [await make.project(owner, key="WEB"), await make.project(owner, key="APP")]
    people = [owner, await make.user()]
    for project in projects:
        await make.member(project, ProjectRole.EDITOR, people[1])
    clock: MovingClock = moving_clock(monkeypatch, BEGINS)
    now_ns = SimpleNamespace(time_ns=lambda: int(clock.now.timestamp() * 1e9))
    monkeypatch.setattr(ids, "time", now_ns)
    for action in ("assign", "restore"):
        monkeypatch.setitem(_ACTIONS, action, 9)
    for action in ("due", "work", "say"):
        monkeypatch.setitem(_ACTIONS, action, 6)
    client = client_for(owner)
    life = BusyLife(7, client, make, projects, clock)
    life.people = people
    for zone, filter_ in (("Europe/Berlin", None), ("Australia/Lord_Howe", "priority:high"), ("Africa/Cairo", None)):
        await life.go_on(60)
        rows = await tables.fetch("SELECT * FROM events ORDER BY seq")
        for project in projects:
            chosen = clock.now.date() - timedelta(days=life._chance.randint(0, 3))
            await require_all(client, Told(rows, project), clock.now, zone, chosen, filter_)
    assert {"create", "status", "move", "restore", "undo", "assign", "due", "work", "say"} <= life.done
