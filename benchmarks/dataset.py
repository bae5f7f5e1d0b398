"""Fills a migrated database with believable tasks, by COPY straight into the tables."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

import asyncpg

from taskapi.core.ids import new_id
from taskapi.core.secrets.passwords import Passwords
from taskapi.models import FieldType, ProjectRole, StatusCategory, SystemRole
from taskapi.projects.service import DEFAULT_STATUSES
from taskapi.tasks import ranking

USERNAME = "bench"
PASSWORD = "a long and quiet afternoon"
PROJECTS = 200
_FIRST_MS = 1_700_000_000_000
_STEP_MS = 20_000
_START = datetime.fromtimestamp(_FIRST_MS / 1000, UTC)
_TEXT = (
    "account board budget cache calendar client column customer cursor database deadline deploy design draft editor "
    "error export field filter form group history import index invoice label layout link login mail member menu "
    "message migration mobile note page password payment plan print project queue release report review role schema "
    "search server session setting sort status table task team template test theme token upload user version worker"
)
_WORDS = _TEXT.split()
_SYLLABLES = tuple(f"{first}{second}" for first in "bdfklmnprt" for second in "aeiou")
_RARE_WORDS = 50_000
LABELS = ("bug", "crash", "docs", "feature", "infra", "minor", "review", "slow")
_LABELLED = 0.4
_PEOPLE = 25
_SEVERITIES = ("low", "high")
_OPTIONS = [{"key": key, "name": key.title(), "color": None} for key in _SEVERITIES]
_STATUSES = ("todo", "done", "done", "in_progress", "backlog", "done", "todo", "done", "cancelled", "in_progress")
_PRIORITIES = ("none", "none", "medium", "low", "high", "medium", "urgent")
_CATEGORIES = {key: category for key, _, category in DEFAULT_STATUSES}
_CLOSED = (StatusCategory.DONE, StatusCategory.CANCELLED)
_TASK_COLUMNS = (
    *("id", "project_id", "number", "title", "description", "status", "status_category", "priority", "due_on"),
    *("rank", "assignee_ids", "label_ids", "fields", "created_by", "created_at", "updated_at", "completed_at"),
)
# What the triggers of `tasks` would write; they do not run here.
_BESIDE_TASKS = {
    "task_recency": "SELECT project_id, updated_at, id FROM tasks",
    "task_places": "SELECT project_id, status, rank, id, created_at FROM tasks",
    "task_assignees": "SELECT unnest(assignee_ids), project_id, id FROM tasks",
    "task_agenda": (
        "SELECT unnest(assignee_ids), due_first, id FROM tasks WHERE status_category NOT IN ('done', 'cancelled')"
    ),
    "task_labels": "SELECT unnest(label_ids), project_id, id FROM tasks",
    "task_fields": "SELECT project_id, 'severity', fields ->> 'severity', id FROM tasks WHERE fields <> '{}'",
    "task_search": "SELECT id, project_id, search_document(title, description) FROM tasks",
}
_COMMENT_COLUMNS = ("id", "task_id", "body", "created_by", "created_at")
_BESIDE_COMMENTS = {"comment_search": "SELECT id, task_id, search_document(NULL, body) FROM comments"}


@dataclass(frozen=True, slots=True)
class Dataset:
    """What the scenarios need to know of what was loaded."""

    tasks: int
    user_id: UUID
    project_ids: tuple[UUID, ...]
    empty_project_id: UUID
    people: tuple[UUID, ...]
    """Who tasks are assigned to; the first is the caller."""
    labels: dict[UUID, tuple[UUID, ...]]
    """Of each project."""

    @classmethod
    def new(cls, tasks: int) -> Self:
        people, projects = [tuple(new_id() for _ in range(number)) for number in (_PEOPLE, PROJECTS + 1)]
        labels = {project: tuple(new_id() for _ in LABELS) for project in projects}
        return cls(tasks, people[0], projects[:PROJECTS], projects[PROJECTS], people, labels)


def task_id(number: int) -> UUID:
    """The id of the n-th task: a UUIDv7 that anybody can compute."""
    return UUID(int=(_FIRST_MS + number * _STEP_MS) << 80 | 0x7 << 76 | 0b10 << 62 | number)


def task_id_sql(number: str) -> str:
    """The same in SQL."""
    milliseconds = f"to_hex({_FIRST_MS} + {number}::bigint * {_STEP_MS})"
    return f"(lpad({milliseconds}, 12, '0') || '70008000' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


def tenths(n: int) -> int:
    """In which project the n-th task is: three tenths of them in the first, the others share the rest."""
    return 0 if n % 10 < 3 else 1 + n // 10 % (PROJECTS - 1)


def thirds(n: int) -> int:
    """A third in the first project, a sixtieth in the second: 100,000 and 5,000 of 300,000."""
    if n % 3 == 0:
        return 0
    return 1 if n % 60 == 1 else 2 + n // 3 % (PROJECTS - 2)


async def load(connection: asyncpg.Connection, tasks: int, project_of: Callable[[int], int] = tenths) -> Dataset:
    dataset = Dataset.new(tasks)
    async with connection.transaction():
        # Tables emptied in the transaction that fills them need no WAL, and what is consistent needs no triggers.
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
        emptied = ", ".join(["users", "projects", "project_search", "tasks", *_BESIDE_COMMENTS, *_BESIDE_TASKS])
        await connection.execute(f"TRUNCATE {emptied} CASCADE")
        await _load_projects(connection, dataset, project_of)
        indexes = await _drop_indexes(connection)
        await connection.copy_records_to_table("tasks", columns=_TASK_COLUMNS, records=_tasks(dataset, project_of))
        await connection.execute("UPDATE tasks SET title_order = reading_order(title)")
        await connection.execute(
            "INSERT INTO project_search SELECT id, search_document(key || ' ' || name, description) FROM projects"
        )
        await connection.copy_records_to_table("comments", columns=_COMMENT_COLUMNS, records=_comments(dataset))
        for table, rows in {**_BESIDE_TASKS, **_BESIDE_COMMENTS}.items():
            await connection.execute(f"INSERT INTO {table} {rows}")
        for definition in indexes:
            await connection.execute(definition)
    await connection.execute("VACUUM ANALYZE")
    await connection.execute("CHECKPOINT")
    return dataset


async def _load_projects(connection: asyncpg.Connection, dataset: Dataset, project_of: Callable[[int], int]) -> None:
    user, now, password_hash = dataset.user_id, _START, await _password_hash()
    projects = [*dataset.project_ids, dataset.empty_project_id]
    numbers = dict.fromkeys(projects, 0)
    for n in range(dataset.tasks):
        numbers[dataset.project_ids[project_of(n)]] += 1
    tables: dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]] = {
        "users": (
            ("id", "username", "email", "password_hash", "role", "created_at", "updated_at"),
            [
                (person, name, f"{name}@example.org", password_hash, SystemRole.USER.value, now, now)
                for person, name in zip(dataset.people, _names(), strict=True)
            ],
        ),
        "projects": (
            ("id", "key", "name", "created_by", "created_at", "updated_at"),
            [(project, f"BENCH{i}", f"Project {i}", user, now, now) for i, project in enumerate(projects)],
        ),
        "project_counters": (("project_id", "last_number"), list(numbers.items())),
        "members": (
            ("project_id", "user_id", "role", "joined_at"),
            [
                (project, person, (ProjectRole.EDITOR if number else ProjectRole.OWNER).value, now)
                for project in projects
                for number, person in enumerate(dataset.people)
            ],
        ),
        "labels": (
            ("id", "project_id", "name", "color", "created_at"),
            [
                (label, project, name, "#336699", now)
                for project, labels in dataset.labels.items()
                for label, name in zip(labels, LABELS, strict=True)
            ],
        ),
        "fields": (
            ("id", "project_id", "key", "name", "type", "options", "position"),
            [(new_id(), projects[0], "severity", "Severity", FieldType.SELECT.value, json.dumps(_OPTIONS), 0)],
        ),
        "statuses": (
            ("id", "project_id", "key", "name", "category", "position"),
            [
                (new_id(), project, key, name, category.value, position)
                for project in projects
                for position, (key, name, category) in enumerate(DEFAULT_STATUSES)
            ],
        ),
    }
    for table, (columns, rows) in tables.items():
        await connection.copy_records_to_table(table, columns=columns, records=rows)


def _names() -> list[str]:
    return [USERNAME, *(f"bench{number}" for number in range(1, _PEOPLE))]


async def _password_hash() -> str:
    passwords = Passwords()
    try:
        return await passwords.hash(PASSWORD)
    finally:
        passwords.close()


async def _drop_indexes(connection: asyncpg.Connection) -> list[str]:
    """Drop the indexes that no constraint needs; building them at the end is several times faster."""
    rows = await connection.fetch(
        "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index"
        " WHERE indrelid = ANY ('{tasks,task_search,task_places,comment_search}'::regclass[]) AND NOT indisunique"
    )
    for row in rows:
        await connection.execute(f"DROP INDEX {row['name']}")
    return [row["definition"] for row in rows]


def _tasks(dataset: Dataset, project_of: Callable[[int], int]) -> Iterator[tuple[Any, ...]]:
    chance = random.Random(7)
    numbers = [0] * PROJECTS
    for n in range(dataset.tasks):
        project = project_of(n)
        numbers[project] += 1
        created = _START + timedelta(milliseconds=n * _STEP_MS)
        status = chance.choice(_STATUSES)
        category = _CATEGORIES[status]
        yield (
            task_id(n),
            dataset.project_ids[project],
            numbers[project],
            " ".join(chance.choices(_WORDS, k=6)),
            f"{' '.join(chance.choices(_WORDS, k=24))} {rare_word(n)}",
            status,
            category.value,
            chance.choice(_PRIORITIES),
            created.date() + timedelta(days=30) if n % 3 == 0 else None,
            ranking.of_number(numbers[project]),
            [chance.choice(dataset.people)] if n % 4 == 0 else [],
            [chance.choice(dataset.labels[dataset.project_ids[project]])] if chance.random() < _LABELLED else [],
            json.dumps({"severity": chance.choice(_SEVERITIES)}) if project == 0 and n % 5 == 0 else "{}",
            dataset.user_id,
            created,
            created,
            created + timedelta(days=2) if category in _CLOSED else None,
        )


def _comments(dataset: Dataset) -> Iterator[tuple[Any, ...]]:
    """One for every tenth task."""
    chance = random.Random(8)
    for n in range(0, dataset.tasks, 10):
        created = _START + timedelta(milliseconds=n * _STEP_MS)
        body = f"{' '.join(chance.choices(_WORDS, k=16))} {rare_word(n)}"
        yield task_id(n), task_id(n), body, chance.choice(dataset.people), created


def rare_word(n: int) -> str:
    """Of which there are so many that each stands in a few tasks."""
    first, rest = divmod(n % _RARE_WORDS, len(_SYLLABLES) ** 2)
    second, third = divmod(rest, len(_SYLLABLES))
    return "".join(_SYLLABLES[place] for place in (first, second, third))
