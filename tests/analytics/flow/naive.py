"""What the reports should say, the slow way: every fact is replayed for every day that is asked about."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

CATEGORIES: Final = ("backlog", "unstarted", "started", "done", "cancelled")
OPEN: Final = ("backlog", "unstarted", "started")
State = dict[str, Any]


@dataclass(frozen=True)
class Fact:
    at: datetime
    kind: str
    task_id: UUID
    changes: dict[str, list[Any]]


async def facts(connection: Any) -> list[Fact]:
    """All about tasks, in the order in which they were made."""
    rows = await connection.fetch("SELECT * FROM events WHERE subject_type = 'task' ORDER BY seq")
    # The driver gives JSON as a text until somebody sets a codec on this connection.
    return [
        Fact(
            row["at"],
            row["kind"],
            row["subject_id"],
            json.loads(row["changes"]) if isinstance(row["changes"], str) else row["changes"],
        )
        for row in rows
    ]


def tasks_before(told: Iterable[Fact], moment: datetime | None = None) -> dict[UUID, State]:
    """Every task as it was just before a moment; None: as it is."""
    tasks: dict[UUID, State] = {}
    for fact in told:
        if moment is not None and fact.at >= moment:
            continue
        if fact.kind == "task.left":
            continue  # task.moved tells the same
        if fact.kind == "task.purged":
            del tasks[fact.task_id]
            continue
        task = tasks.setdefault(fact.task_id, {})
        for name, (_, after) in fact.changes.items():
            task[name] = after
    return tasks


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), zone)


def counted(task: State, project_id: UUID) -> bool:
    return task["project_id"] == str(project_id) and task["deleted_at"] is None


def levels(
    told: list[Fact], project_id: UUID, asked: list[date], zone: ZoneInfo, among: set[str] | None
) -> list[State]:
    """Of each day how many tasks were in which category; `among` are those that fit the filter now."""
    found = []
    for day in asked:
        tasks = [
            task
            for task in tasks_before(told, end_of(day, zone)).values()
            if counted(task, project_id) and (among is None or task["id"] in among)
        ]
        of = {name: [task for task in tasks if task["status_category"] == name] for name in CATEGORIES}
        found.append(
            {
                "flow": {"date": str(day), **{name: len(of[name]) for name in CATEGORIES}},
                "burndown": {
                    "date": str(day),
                    "remaining": sum(len(of[name]) for name in OPEN),
                    "remaining_estimate": sum(task["estimate"] or 0 for name in OPEN for task in of[name]),
                    "scope": sum(len(of[name]) for name in OPEN) + len(of["done"]),
                    "completed": len(of["done"]),
                },
            }
        )
    return found


def done(told: list[Fact], project_id: UUID, asked: list[date], zone: ZoneInfo, among: set[str] | None) -> list[State]:
    """What is done now and was completed in the days, the last first."""
    begins, ends = end_of(asked[0] - timedelta(days=1), zone), end_of(asked[-1], zone)
    tasks = [
        {**task, "at": datetime.fromisoformat(task["completed_at"])}
        for task in tasks_before(told).values()
        if counted(task, project_id) and task["status_category"] == "done"
        if among is None or task["id"] in among
    ]
    within = [task for task in tasks if begins <= task["at"] < ends]
    return sorted(within, key=lambda task: (task["at"], task["id"]), reverse=True)


def hours_since_created(task: State) -> float:
    passed: timedelta = task["at"] - datetime.fromisoformat(task["created_at"])
    return passed.total_seconds() / 3600


def hours_since_started(told: list[Fact], task: State) -> float | None:
    """From the first time that it entered a started status, up to its completion."""
    for fact in told:
        entered = fact.changes.get("status_category", [None, None])[1]
        if str(fact.task_id) == task["id"] and entered == "started" and fact.kind != "task.left":
            passed: timedelta = task["at"] - fact.at
            return passed.total_seconds() / 3600 if fact.at <= task["at"] else None
    return None


def percentile(values: list[float], share: float) -> float:
    """By linear interpolation between the two nearest."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def durations(tasks: list[State], of_each: list[float | None]) -> State:
    known = [(task, hours) for task, hours in zip(tasks, of_each, strict=True) if hours is not None]
    hours = [hours for _, hours in known]
    return {
        "count": len(hours),
        "mean_hours": sum(hours) / len(hours) if hours else None,
        **{f"p{p}_hours": percentile(hours, p / 100) if hours else None for p in (50, 85, 95)},
        "items": [{"key": task["key"], "hours": hours} for task, hours in known],
    }


def throughput(tasks: list[State], asked: list[date], zone: ZoneInfo, bucket: str) -> list[State]:
    found: dict[Any, State] = {}
    for day in asked:
        name = {"day": day, "week": day.isocalendar()[:2], "month": (day.year, day.month)}[bucket]
        item = found.setdefault(name, {"from": str(day), "completed": 0})
        item["to"] = str(day)
        item["completed"] += sum(task["at"].astimezone(zone).date() == day for task in tasks)
    return list(found.values())
