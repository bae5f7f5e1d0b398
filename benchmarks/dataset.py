"""Fills a migrated database with believable tasks, by COPY straight into the tables."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from taskapi.core.ids import new_id
from taskapi.core.secrets.passwords import Passwords
from taskapi.models import ProjectRole, StatusCategory, SystemRole
from taskapi.projects.service import DEFAULT_STATUSES
from taskapi.tasks import ranking

USERNAME = "bench"
PASSWORD = "a long and quiet afternoon"
PROJECTS = 10
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
_STATUSES = ("todo", "done", "done", "in_progress", "backlog", "done", "todo", "done", "cancelled", "in_progress")
_PRIORITIES = ("none", "none", "medium", "low", "high", "medium", "urgent")
_CATEGORIES = {key: category for key, _, category in DEFAULT_STATUSES}
_CLOSED = (StatusCategory.DONE, StatusCategory.CANCELLED)
_TASK_COLUMNS = (
    *("id", "project_id", "number", "title", "description", "status", "status_category", "priority", "due_on"),
    *("rank", "assignee_ids", "created_by", "created_at", "updated_at", "completed_at"),
)
# What the triggers of `tasks` would write; they do not run here.
_BESIDE_TASKS = {
    "task_recency": "SELECT project_id, updated_at, id",
    "task_places": "SELECT project_id, status, rank, id, created_at",
    "task_assignees": "SELECT unnest(assignee_ids), project_id, id",
    "task_labels": "SELECT unnest(label_ids), project_id, id",
    "task_search": "SELECT id, project_id, search_document(title, description)",
}


@dataclass(frozen=True, slots=True)
class Dataset:
    """What the scenarios need to know of what was loaded."""

    tasks: int
    user_id: UUID
    project_ids: tuple[UUID, ...]
    empty_project_id: UUID


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
    project_ids = tuple(new_id() for _ in range(PROJECTS + 1))
    dataset = Dataset(tasks, new_id(), project_ids[:PROJECTS], project_ids[PROJECTS])
    async with connection.transaction():
        # Tables emptied in the transaction that fills them need no WAL, and what is consistent needs no triggers.
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
        emptied = ", ".join(["users", "projects", "project_search", "tasks", "comment_search", *_BESIDE_TASKS])
        await connection.execute(f"TRUNCATE {emptied} CASCADE")
        await _load_projects(connection, dataset, project_of)
        indexes = await _drop_indexes(connection)
        await connection.copy_records_to_table("tasks", columns=_TASK_COLUMNS, records=_tasks(dataset, project_of))
        await connection.execute("UPDATE tasks SET title_order = reading_order(title)")
        await connection.execute(
            "INSERT INTO project_search SELECT id, search_document(key || ' ' || name, description) FROM projects"
        )
        for table, rows in _BESIDE_TASKS.items():
            await connection.execute(f"INSERT INTO {table} {rows} FROM tasks")
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
            [(user, USERNAME, "bench@example.org", password_hash, SystemRole.USER.value, now, now)],
        ),
        "projects": (
            ("id", "key", "name", "created_by", "created_at", "updated_at"),
            [(project, f"BENCH{i}", f"Project {i}", user, now, now) for i, project in enumerate(projects)],
        ),
        "project_counters": (("project_id", "last_number"), list(numbers.items())),
        "members": (
            ("project_id", "user_id", "role", "joined_at"),
            [(project, user, ProjectRole.OWNER.value, now) for project in projects],
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
        " WHERE indrelid IN ('tasks'::regclass, 'task_search'::regclass) AND NOT indisunique"
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
            " ".join(chance.choices(_WORDS, k=24)),
            status,
            category.value,
            chance.choice(_PRIORITIES),
            created.date() + timedelta(days=30) if n % 3 == 0 else None,
            ranking.of_number(numbers[project]),
            [dataset.user_id] if n % 4 == 0 else [],
            dataset.user_id,
            created,
            created,
            created + timedelta(days=2) if category in _CLOSED else None,
        )
