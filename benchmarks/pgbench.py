"""The limit of the database: PostgreSQL's own load program with the service's statements, prepared, and no Python."""

import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks import captured
from benchmarks.captured import Captured, Sent, Value
from benchmarks.dataset import Dataset, task_id_sql
from benchmarks.processes import cpu_seconds
from benchmarks.scenarios import SEARCHES, SEARCHING, task_list
from taskapi.embedded import EmbeddedServer, find_binaries

CLIENTS: Final = 16
_REAPING_SECONDS: Final = 0.3
"""Until the CPU time of the connections that have ended is their parent's, and not lost between the two."""
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_PARAMETER = re.compile(r"\$(\d+)")
_TRANSACTIONS = re.compile(r"number of transactions actually processed: (\d+)")
_RATE = re.compile(r"tps = ([\d.]+)")
# What a change sets must be new each time, or nothing would have to be written to an index.
_OWN_VALUES: Final = {
    captured.TASK: task_id_sql(":n"),
    captured.NOW: "now()",
    f"{captured.GIVEN}title": "('Title ' || :r::bigint)",
    f"{captured.GIVEN}estimate": "(1000.25 + :r::bigint % 1000)",
}


@dataclass(frozen=True, slots=True)
class Rate:
    name: str
    transactions: int
    per_second: float
    postgres_us: float
    clients: int = CLIENTS


def limits(server: EmbeddedServer, database: str, dataset: Dataset, taken: Captured, seconds: float) -> list[Rate]:
    """Reading, listing, making and changing tasks, each in turn; and what people ask of many."""
    projects = [str(project) for project in dataset.project_ids]
    forms = {"GET": "GET", "list": task_list(projects[0]), "POST": "POST", "PATCH": "PATCH title"}
    asked = {name: target(projects) for name, target in SEARCHES.items()}
    return [
        run(server, database, name, script(dataset, [taken[form]]), seconds, SEARCHING if name in asked else CLIENTS)
        for name, form in {**forms, **asked}.items()
        if form in taken
    ]


def script(dataset: Dataset, requests: Sequence[Sequence[Sent]]) -> str:
    """Of requests about one task by chance, one after the other."""
    any_task = f"\\set n random(0, {dataset.tasks - 1})\n\\set r random(1, 1000000000)\n"
    return any_task + "".join(f"{written(one)};\n" for sent in requests for one in sent)


def written(sent: Sent) -> str:
    """The statement on one line with its values in it; pgbench knows variables of its own only."""
    values = [_expression(value) for value in sent.values]
    sql = _LITERAL.sub(_without_colons, sent.sql.replace("\n", " "))
    return _PARAMETER.sub(lambda found: values[int(found[1]) - 1], sql)


def plain(sent: Sent) -> str:
    """The statement with the values that it had."""
    values = ["NULL" if value.text is None else _quoted(value.text) for value in sent.values]
    return _PARAMETER.sub(lambda found: values[int(found[1]) - 1], sent.sql)


def run(server: EmbeddedServer, database: str, name: str, script: str, seconds: float, clients: int = CLIENTS) -> Rate:
    """The script, again and again, by so many clients."""
    program = [str(find_binaries() / "pgbench"), "--no-vacuum", "-M", "prepared", "-c", str(clients), "-j", "2"]
    target = ["-h", str(server.socket_dir), "-p", "5432", "-U", "postgres", "-d", database]
    before = cpu_seconds(server.pid)
    done = subprocess.run(
        [*program, "-T", str(max(1, round(seconds))), "-f", "/dev/stdin", *target],
        input=script,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + 30,
    )
    time.sleep(_REAPING_SECONDS)
    used = cpu_seconds(server.pid) - before
    transactions, rate = _TRANSACTIONS.search(done.stdout), _RATE.search(done.stdout)
    if done.returncode != 0 or transactions is None or rate is None:
        raise RuntimeError(f"pgbench failed at {name}: {done.stderr[-1000:]}")
    count = max(int(transactions[1]), 1)
    return Rate(name, count, float(rate[1]), used / count * 1_000_000, clients)


def _expression(value: Value) -> str:
    if value.role.startswith(captured.NEW):
        return "uuidv7()"
    if value.role in _OWN_VALUES:
        return _OWN_VALUES[value.role]
    if value.text is None:
        return "NULL"
    return _LITERAL.sub(_without_colons, _quoted(value.text))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _without_colons(literal: re.Match[str]) -> str:
    """pgbench takes `:MI` inside a literal for a variable."""
    return "E" + literal[0].replace("\\", "\\\\").replace(":", "\\x3a") if ":" in literal[0] else literal[0]
