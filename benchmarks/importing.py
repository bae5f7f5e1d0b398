"""Imports through the public API: rows a second, CPU and memory of the worker, and other requests meanwhile.

`python -m benchmarks.importing FILE…` brings CSV files in and compares every task with its row; without a file it
makes one of `--rows` rows, of which some are faulty.
"""

import argparse
import asyncio
import csv
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import uvloop

from benchmarks import report
from benchmarks.processes import cpu_seconds, memory
from benchmarks.servers import API, environment, serving, working
from taskapi.core.db import migrations
from taskapi.embedded import DURABLE, EmbeddedServer, ensure_database, start

_DATABASE, _PASSWORD = "importing", "correct horse battery"
_POLL_SECONDS = 0.02
_LOOKS = 500
_EVERY_FAULTY = 1_000
_COLUMNS = ("key", "title", "description", "status", "priority", "labels", "due", "estimate")


@dataclass(slots=True)
class Watched:
    """What was seen while an import ran."""

    peak: float = 0.0
    latencies: list[float] = field(default_factory=list)

    def p99(self) -> float:
        return statistics.quantiles(self.latencies, n=100)[98] * 1000 if len(self.latencies) > 1 else 0.0


def rows(number: int) -> bytes:
    """Some hundred bytes each; every thousandth has no title."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(_COLUMNS)
    for row in range(number):
        title = "" if row % _EVERY_FAULTY == _EVERY_FAULTY - 1 else f"Task {row}: something to do"
        text = f"More about it, in line {row},\nand in another one"
        writer.writerow((f"OLD-{row}", title, text, "To do", "high", "bug", "2026-12-24", row % 13))
    return written.getvalue().encode()


async def measure(url: str, port: int, pids: tuple[int, int], files: Sequence[tuple[str, bytes]]) -> bool:
    """`pids` are the worker's and PostgreSQL's."""
    worker, postgres = pids
    base = f"http://127.0.0.1:{port}/api/v1"
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    good = True
    async with httpx.AsyncClient(timeout=120) as client:
        who = {"username": "bench", "email": "bench@example.com", "password": _PASSWORD}
        await client.post(f"{base}/auth/register", json=who)
        login = await client.post(f"{base}/auth/login", json={"username": "bench", "password": _PASSWORD})
        client.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
        # The worker may still be starting; what it learns with the first rows of its life is not what a row costs.
        await _watch(client, base, worker, await _bring(client, base, "WARM", rows(100)))
        cells = []
        for number, (name, content) in enumerate(files):
            key = f"IMP{number}"
            quiet = await _watch(client, base, worker, None)
            before = cpu_seconds(worker), cpu_seconds(postgres)
            fresh, began = memory(worker).resident, time.perf_counter()
            import_id = await _bring(client, base, key, content)
            answered = time.perf_counter() - began
            busy = await _watch(client, base, worker, import_id)
            seconds = time.perf_counter() - began
            computed, written = cpu_seconds(worker) - before[0], cpu_seconds(postgres) - before[1]
            done = (await client.get(f"{base}/imports/{import_id}")).json()
            lost = await _lost(connection, key, content)
            good = good and done["state"] == "done" and not lost
            total = done["total"] or 1
            cells.append(
                (
                    *(name, f"{total:,}", f"{done['failed']:,}", f"{lost:,}", f"{answered * 1000:.0f}"),
                    *(f"{total / seconds:,.0f}", f"{computed / total * 1e6:.0f}", f"{written / total * 1e6:.0f}"),
                    *(f"{busy.peak - fresh:.0f}", f"{quiet.p99():.1f}", f"{busy.p99():.1f}"),
                )
            )
    await connection.close()
    print(
        report.table(
            (
                *("file", "rows", "failed", "lost", "202 after ms", "rows/s", "worker µs/row", "PostgreSQL µs/row"),
                *("worker + MiB", "p99 ms alone", "p99 ms meanwhile"),
            ),
            cells,
        )
    )
    return good


async def _bring(client: httpx.AsyncClient, base: str, key: str, content: bytes) -> str:
    """Into a new project; the id of the import."""
    await client.post(f"{base}/projects", json={"key": key, "name": key})
    files = {"file": (f"{key}.csv", content)}
    begun = await client.post(f"{base}/projects/{key}/imports", data={"format": "csv"}, files=files)
    import_id: str = begun.json()["id"]
    return import_id


async def _watch(client: httpx.AsyncClient, base: str, worker: int, import_id: str | None) -> Watched:
    """Until the import has ended; without one, for some hundred requests."""
    watched = Watched()
    state, number = "running", 0
    while state in {"queued", "running"} and (import_id is not None or number < _LOOKS):
        number += 1
        began = time.perf_counter()
        await client.get(f"{base}/projects")
        watched.latencies.append(time.perf_counter() - began)
        if import_id is not None and number % 10 == 0:
            watched.peak = max(watched.peak, memory(worker).resident)
            state = (await client.get(f"{base}/imports/{import_id}")).json()["state"]
        await asyncio.sleep(_POLL_SECONDS)
    return watched


async def _lost(connection: asyncpg.Connection, key: str, content: bytes) -> int:
    """Rows with a title that are no task with this title and description."""
    found = await connection.fetch(
        "SELECT title, coalesce(description, '') AS description FROM tasks"
        " WHERE project_id = (SELECT id FROM projects WHERE key = $1)",
        key,
    )
    there: dict[tuple[str, str], int] = {}
    for task in found:
        said = (" ".join(task["title"].split()), task["description"])
        there[said] = there.get(said, 0) + 1
    lost = 0
    for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        said = (" ".join(row["title"].split()), row["description"])
        if said[0]:
            lost += not there.get(said)
            there[said] = there.get(said, 0) - 1
    return lost


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.importing", description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, nargs="*", help="CSV with the columns title and description")
    parser.add_argument("--rows", type=int, default=100_000, help="of the file that is made where none is given")
    options = parser.parse_args()
    files = [(file.name, file.read_bytes()) for file in options.file] or [("made.csv", rows(options.rows))]
    with tempfile.TemporaryDirectory(prefix="taskapi-importing-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        with start(directory / "postgres", DURABLE) as postgres:
            return 0 if _run(postgres, directory, files) else 1


def _run(postgres: EmbeddedServer, directory: Path, files: Sequence[tuple[str, bytes]]) -> bool:
    url = postgres.url(_DATABASE)
    asyncio.run(_prepare(postgres))
    variables: dict[str, Any] = {
        "TASKAPI_DATA_DIR": str(directory / "data"),
        "TASKAPI_IMPORT_MAX_BYTES": str(max(len(content) for _, content in files) + 1024),
    }
    with (
        serving(API, environment(url, **variables), directory) as served,
        working(environment(url, **variables), directory) as worker,
    ):
        return uvloop.run(measure(url, served.port, (worker, postgres.pid), files))


async def _prepare(postgres: EmbeddedServer) -> None:
    await ensure_database(postgres, _DATABASE)
    await migrations.upgrade(postgres.url(_DATABASE))


if __name__ == "__main__":
    sys.exit(main())
