"""The limit of the database: PostgreSQL's own load program with the service's SQL, prepared, and no Python."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from benchmarks.dataset import Dataset, task_id_sql
from benchmarks.processes import cpu_seconds
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import _PUBLISH as PUBLISH
from taskapi.core.clock import utc_now
from taskapi.core.db.statements import Statement
from taskapi.core.http.references import ById
from taskapi.embedded import EmbeddedServer, find_binaries
from taskapi.models import SystemRole
from taskapi.tasks import queries
from taskapi.tasks.filters.compile import compiled
from taskapi.tasks.filters.parameters import Standpoint, filter_of
from taskapi.tasks.lists import sources, statements
from taskapi.tasks.lists.shapes import shape_of
from taskapi.tasks.schemas import TaskCreate, TaskFilter

CLIENTS: Final = 16
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_PARAMETER = re.compile(r"\$(\d+)")
_TRANSACTIONS = re.compile(r"number of transactions actually processed: (\d+)")
_RATE = re.compile(r"tps = ([\d.]+)")


class Sql(str):
    """An expression, where a plain string means a value."""

    __slots__ = ()


_NOW: Final = Sql("now()")


@dataclass(frozen=True, slots=True)
class Rate:
    name: str
    per_second: float
    postgres_us: float


def scripts(dataset: Dataset) -> dict[str, str]:
    """A pgbench script for each kind of request."""
    caller, project = _uuid(dataset.user_id), _uuid(dataset.project_ids[0])
    task, new_task = Sql(task_id_sql(":n")), Sql("uuidv7()")
    any_task = f"\\set n random(0, {dataset.tasks - 1})\n"
    listed = TaskFilter(status=["todo"], sort="-created_at")
    reader = Caller(dataset.user_id, SystemRole.USER)
    todo = compiled(filter_of(listed, Standpoint(utc_now(), ZoneInfo("UTC"), reader.id)))
    origin = sources.of_caller(reader, Reach.MEMBER, ById(dataset.project_ids[0])).origin
    page = statements.page(shape_of(listed, todo.sql, "rank"), origin)
    event = {
        **dict.fromkeys(("token_id", "request_id", "batch_id")),
        "id": new_task,
        "at": _NOW,
        "actor_id": caller,
        "actor_kind": "user",
        "project_id": project,
        "subject_type": "task",
        "subject_key": "BENCH0-1",
        "changes": '{"title": ["before", "after"]}',
    }
    return {
        "GET": any_task + _call(queries.visible(ById.by, frozenset(), Reach.MEMBER), caller_id=caller, task_id=task),
        "list": _call(page, caller_id=caller, project_id=project, f0="todo"),
        "POST": _transaction(
            _call(
                queries.project_for_create(ById.by, Reach.MEMBER, with_status=False),
                caller_id=caller,
                project_id=project,
            ),
            _call(queries.CREATE, **_new_task(caller, project, new_task)),
            _call(PUBLISH, **event, kind="task.created", subject_id=new_task),
        ),
        "PATCH": any_task
        + _transaction(
            _call(
                queries.for_update(ById.by, Reach.MEMBER, trashed=False), caller_id=caller, task_id=task, enters=None
            ),
            _call(
                queries.change(("title", "updated_at")),
                of_task=task,
                title="after",
                project_key="BENCH0",
                updated_at=_NOW,
            ),
            _call(PUBLISH, **event, kind="task.updated", subject_id=task),
        ),
    }


def run(server: EmbeddedServer, database: str, dataset: Dataset, seconds: int, directory: Path) -> list[Rate]:
    """Each script in turn."""
    return [_run(server, database, name, script, seconds, directory) for name, script in scripts(dataset).items()]


def _run(server: EmbeddedServer, database: str, name: str, script: str, seconds: int, directory: Path) -> Rate:
    file = directory / f"{name}.sql"
    file.write_text(script)
    command = [str(find_binaries() / "pgbench"), "--no-vacuum", "-M", "prepared", "-c", str(CLIENTS), "-j", "2"]
    target = ["-h", str(server.socket_dir), "-p", "5432", "-U", "postgres", "-d", database]
    before = cpu_seconds(server.pid)
    done = subprocess.run(
        [*command, "-T", str(seconds), "-f", str(file), *target],
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + 30,
    )
    used = cpu_seconds(server.pid) - before
    transactions, rate = _TRANSACTIONS.search(done.stdout), _RATE.search(done.stdout)
    if done.returncode != 0 or transactions is None or rate is None:
        raise RuntimeError(f"pgbench failed at {name}: {done.stderr[-1000:]}")
    return Rate(name, float(rate[1]), used / max(int(transactions[1]), 1) * 1_000_000)


def _transaction(*statements: str) -> str:
    return "".join(["BEGIN;\n", *statements, "COMMIT;\n"])


def _call(statement: Statement[Any], **values: Any) -> str:  # noqa: ANN401
    """The statement with its parameters written out; pgbench knows variables of its own only."""
    arguments = [_written(value) for value in statement.arguments(values)]
    sql = _LITERAL.sub(_without_colons, statement.sql.replace("\n", " "))
    return _PARAMETER.sub(lambda found: arguments[int(found[1]) - 1], sql) + ";\n"


def _without_colons(literal: re.Match[str]) -> str:
    """pgbench takes `:MI` inside a literal for a variable."""
    return "E" + literal[0].replace(":", "\\x3a") if ":" in literal[0] else literal[0]


def _written(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return "'{}'"
    if isinstance(value, Sql | int | float):
        return str(value)
    return _LITERAL.sub(_without_colons, "'" + str(value).replace("'", "''") + "'")


def _uuid(value: object) -> Sql:
    return Sql(f"'{value}'::uuid")


def _new_task(caller: Sql, project: Sql, new_id: Sql) -> dict[str, Any]:
    given = TaskCreate(title="A task", description="As long as a line or two of text.")
    return {
        **given.model_dump(exclude={"status"}),
        "id": new_id,
        "project_id": project,
        "project_key": "BENCH0",
        "status": "todo",
        "status_category": "unstarted",
        "created_by": caller,
        "created_at": _NOW,
        "updated_at": _NOW,
        "completed_at": None,
    }
