"""What a filter says is what it finds: random expressions in SQL, and by a plain reading of them in Python, agree.

Each expression is made with what it means, a function of a task. Nothing here is shared with what compiles filters.
"""

import random
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from taskapi.core.db.statements import One, prepare_text
from taskapi.models import ProjectRole
from taskapi.tasks.filters.compile import compiled
from taskapi.tasks.filters.meaning import filter_in
from taskapi.tasks.filters.standpoint import Standpoint
from tests.support.factory import Factory, Person

CASES: Final = 2_400
AT_ONCE: Final = 24
ZONE: Final = ZoneInfo("Europe/Berlin")
NOW: Final = datetime(2026, 3, 29, 9, 30, tzinfo=UTC)  # the clocks were put forward in the night before
TODAY: Final = date(2026, 3, 29)
PRIORITIES: Final = ["none", "low", "medium", "high", "urgent"]
STATUSES: Final = {"backlog": True, "todo": True, "in_progress": True, "done": False, "cancelled": False}
VOCABULARY: Final = ["zorb", "quix", "flam", "brek", "mund"]
NAMES: Final = ["ana", "bob"]

Task = dict[str, Any]
Test = Callable[[Task], bool]
Said = tuple[str, Test]


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def due(task: Task) -> datetime | None:
    return midnight(date.fromisoformat(task["due_on"])) if task["due_on"] else instant(task["due_at"])


def start(task: Task) -> datetime | None:
    return midnight(date.fromisoformat(task["start_on"])) if task["start_on"] else None


def is_open(task: Task) -> bool:
    return STATUSES[task["status"]]


def is_late(task: Task) -> bool:
    if task["due_on"] is not None:
        return is_open(task) and date.fromisoformat(task["due_on"]) < TODAY
    return is_open(task) and task["due_at"] is not None and datetime.fromisoformat(task["due_at"]) < NOW


def a_time(chance: random.Random, *, days_only: bool) -> tuple[str, datetime, datetime]:
    """What somebody writes, its first moment, and the first after it."""
    offset = chance.randint(-4, 4)
    day = TODAY + timedelta(days=offset)
    forms = {f"{offset:+}d": day, day.isoformat(): day, "today": TODAY, "tomorrow": TODAY + timedelta(days=1)}
    forms |= {"yesterday": TODAY - timedelta(days=1), "+1w": TODAY + timedelta(days=7), "-1m": date(2026, 2, 28)}
    if not days_only and chance.random() < 0.3:
        hours = chance.randint(-40, 40)
        at = NOW + timedelta(hours=hours)
        text = chance.choice([f"now{hours:+}h", at.strftime("%Y-%m-%dT%H:%M:%SZ"), f"{hours * 60:+}min"])
        return text, at, at + timedelta(microseconds=1)
    text = chance.choice(list(forms))
    return text, midnight(forms[text]), midnight(forms[text] + timedelta(days=1))


def compared(sign: str, first: datetime, after: datetime, of: datetime | None) -> bool:
    if of is None:
        return False
    within = first <= of < after
    return {"": within, "=": within, "<": of < first, "<=": of < after, ">": of >= after, ">=": of >= first}[sign]


def by_time(chance: random.Random) -> Said:
    name, of = chance.choice(
        [
            ("due", due),
            ("start", start),
            ("created", lambda task: instant(task["created_at"])),
            ("updated", lambda task: instant(task["updated_at"])),
            ("completed", lambda task: instant(task["completed_at"])),
        ]
    )
    sign = chance.choice(["", "=", "<", "<=", ">", ">="])
    text, first, after = a_time(chance, days_only=name == "start")
    if sign == "" and chance.random() < 0.3:
        other, _, ends = a_time(chance, days_only=name == "start")
        return f"{name}:{text}..{other}", lambda task: (at := of(task)) is not None and first <= at < ends
    return f"{name}:{sign}{text}", lambda task: compared(sign, first, after, of(task))


def by_number(chance: random.Random) -> Said:
    name = chance.choice(["estimate", "number"])
    low = chance.randint(0, 20)
    high = low + chance.randint(1, 9)
    if chance.random() < 0.3:
        return f"{name}:{low}..{high}", lambda task: task[name] is not None and low <= task[name] <= high
    sign = chance.choice(["", "=", "<", "<=", ">", ">="])

    def fits(task: Task) -> bool:
        n: float | None = task[name]
        if n is None:
            return False
        return {"<": n < low, "<=": n <= low, ">": n > low, ">=": n >= low}.get(sign, n == low)

    return f"{name}:{sign}{low}", fits


def by_choice(chance: random.Random) -> Said:
    if chance.random() < 0.5:
        sign, word = chance.choice(["", "<", "<=", ">", ">="]), chance.choice(PRIORITIES)
        fitting = {
            "": [word],
            "<": PRIORITIES[: PRIORITIES.index(word)],
            "<=": PRIORITIES[: PRIORITIES.index(word) + 1],
            ">": PRIORITIES[PRIORITIES.index(word) + 1 :],
            ">=": PRIORITIES[PRIORITIES.index(word) :],
        }[sign]
        return f"priority:{sign}{word}", lambda task: task["priority"] in fitting
    keys = chance.sample([*STATUSES, "unheard_of"], chance.randint(1, 3))
    return f"status:{', '.join(keys)}", lambda task: task["status"] in keys


def by_person(chance: random.Random) -> Said:
    said = chance.sample(["me", "none", *NAMES, "@bob", "nobody"], chance.randint(1, 2))
    names = {"ana" if word == "me" else word.removeprefix("@") for word in said} - {"none"}

    def fits(task: Task) -> bool:
        return bool(names & set(task["assignees"])) or ("none" in said and not task["assignees"])

    return f"assignee:{','.join(said)}", fits


def by_state(chance: random.Random) -> Said:
    def date_is(first: int, after: int | None) -> Test:
        ends = datetime.max.replace(tzinfo=UTC) if after is None else midnight(TODAY + timedelta(days=after))
        return lambda task: (
            (at := due(task)) is not None and midnight(TODAY + timedelta(days=first)) <= at < ends and True
        )

    choices: list[Said] = [
        ("is:open", is_open),
        ("is:closed", lambda task: not is_open(task)),
        ("is:overdue", is_late),
        ("due:overdue", is_late),
        ("due:next7days", date_is(1, 8)),
        ("due:later", date_is(8, None)),
        ("due:past", lambda task: not is_open(task) and (at := due(task)) is not None and at < midnight(TODAY)),
        ("due:none", lambda task: due(task) is None),
        ("has:due", lambda task: due(task) is not None),
        ("no:assignee,estimate", lambda task: not task["assignees"] or task["estimate"] is None),
        ("has:description", lambda task: bool(task["description"])),
        ("category:started", lambda task: task["status"] == "in_progress"),
        ("parent:none", lambda task: task["parent_id"] is None),
        ("parent:WEB-1", lambda task: task["parent_id"] is not None),
        ("key:web-2,WEB-3,APP-2", lambda task: task["number"] in {2, 3}),
        ("project:WEB", lambda _: True),
        ("project:APP", lambda _: False),
    ]
    return chance.choice(choices)


def words_of(task: Task) -> tuple[list[str], list[str]]:
    return task["title"].split(), (task["description"] or "").split()


def by_words(chance: random.Random) -> Said:
    words = chance.sample(VOCABULARY, 2)
    kind = chance.random()
    if kind < 0.3:
        field = chance.choice(["title", "description"])
        piece = words[0][1:] if chance.random() < 0.5 else words[0].upper()
        return f"{field}:{piece}", lambda task: piece.lower() in (task[field] or "")
    if kind < 0.6:
        return words[0], lambda task: any(words[0] in part for part in words_of(task))
    pair = f"{words[0]} {words[1]}"
    return f'"{pair}"', lambda task: any(pair in " ".join(part) for part in words_of(task))


def expression(chance: random.Random, depth: int = 0) -> Said:
    kind = chance.random()
    if depth >= 3 or kind < 0.35:
        return chance.choice([by_time, by_number, by_choice, by_person, by_state, by_words])(chance)
    if kind < 0.55:
        text, test = expression(chance, depth + 1)
        return f"{chance.choice(['-', 'NOT '])}({text})", lambda task: not test(task)
    parts = [expression(chance, depth + 1) for _ in range(chance.randint(2, 3))]
    tests = [test for _, test in parts]
    if kind < 0.78:
        texts = [f"({text})" if " OR " in text else text for text, _ in parts]
        return chance.choice([" ", " AND ", "  "]).join(texts), lambda task: all(test(task) for test in tests)
    return f"({' OR '.join(text for text, _ in parts)})", lambda task: any(test(task) for test in tests)


@pytest.fixture
async def ana(make: Factory) -> Person:
    return await make.user("ana")


@pytest.fixture
async def tasks(ana: Person, make: Factory, tables: Any) -> list[Task]:
    """Forty that differ in everything a filter can ask."""
    chance = random.Random(random.getrandbits(64))
    web = await make.project(ana, key="WEB")
    people = {"ana": ana, "bob": await make.member(web, ProjectRole.EDITOR, await make.user("bob"))}
    made: list[Task] = []
    for n in range(40):
        given: dict[str, Any] = {"status": chance.choice(list(STATUSES)), "priority": chance.choice(PRIORITIES)}
        day = TODAY + timedelta(days=chance.randint(-5, 12))
        at = NOW + timedelta(hours=chance.randint(-60, 60))
        given |= chance.choice([{}, {"due_on": day.isoformat()}, {"due_at": at.isoformat()}])
        if chance.random() < 0.5:
            latest = day if "due_on" in given else date.max
            given["start_on"] = min(TODAY + timedelta(days=chance.randint(-5, 5)), latest).isoformat()
        if chance.random() < 0.6:
            given["estimate"] = chance.randint(0, 20)
        if n and chance.random() < 0.3:
            given["parent_id"] = made[0]["id"]
        assigned = chance.sample(NAMES, chance.randint(0, 2))
        given["assignee_ids"] = [str(people[name].id) for name in assigned]
        given["description"] = chance.choice([None, "", f"about {' '.join(chance.sample(VOCABULARY, 2))}"])
        task = await make.task(web, " ".join(chance.sample(VOCABULARY, chance.randint(1, 3))), **given)
        made.append({**task, "assignees": assigned})
    for task in made:
        for name in ("created_at", "updated_at", "completed_at"):
            if task[name] is not None:
                at = NOW + timedelta(hours=chance.randint(-100, 100))
                task[name] = at.isoformat()
                await tables.execute(f"UPDATE tasks SET {name} = $2 WHERE id = $1", task["id"], at)
    return made


async def test_what_a_filter_says_is_what_it_finds(tasks: list[Task], ana: Person, tables: Any) -> None:
    chance = random.Random(random.getrandbits(64))
    seen_from = Standpoint(NOW, ZONE, ana.id)
    found_some = 0
    for _ in range(CASES // AT_ONCE):
        said = [expression(chance) for _ in range(AT_ONCE)]
        answers = await found(tables, [text for text, _ in said], seen_from)
        for (text, test), numbers in zip(said, answers, strict=True):
            expected = [task["number"] for task in tasks if test(task)]
            assert numbers == expected, text
            found_some += 0 < len(expected) < len(tasks)
    # Filters that find nothing, or everything, would agree about little.
    assert found_some > CASES / 2


async def found(tables: Any, texts: list[str], seen_from: Standpoint) -> list[list[int]]:
    """The numbers of the tasks that each of these filters finds, all asked in one statement."""
    columns: list[str] = []
    values: dict[str, object] = {}
    for at, text in enumerate(texts):
        condition = compiled(filter_in(text, seen_from, "/query/filter"))
        sql = re.sub(r"\$f([0-9]+)", rf"$e{at}_\1", condition.sql)
        columns.append(f"array_agg(number ORDER BY number) FILTER (WHERE {sql})")
        values |= {name.replace("f", f"e{at}_"): value for name, value in condition.values.items()}
    statement = prepare_text(f"SELECT {', '.join(columns)} FROM tasks", row=One[int])
    row = await tables.fetchrow(statement.sql, *statement.arguments(values))
    return [numbers or [] for numbers in row.values()]
