"""Many large files at once: how much memory one process of the API takes for them, and how much CPU.

.venv/bin/python -m benchmarks.uploads --uploads 32 --mebibytes 50
"""

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path

import httpx
import uvloop

from benchmarks.processes import cpu_seconds, memory
from benchmarks.servers import API, environment, serving
from taskapi.core.db import migrations
from taskapi.embedded import DURABLE, ensure_database, start

_DATABASE, _PASSWORD = "uploads", "correct horse battery"
_MEBIBYTE = 1024 * 1024


async def measure(port: int, process: int, uploads: int, mebibytes: int) -> bool:
    base, content = f"http://127.0.0.1:{port}/api/v1", os.urandom(_MEBIBYTE) * mebibytes
    limits = httpx.Limits(max_connections=uploads)
    async with httpx.AsyncClient(base_url=base, timeout=600, limits=limits) as client:
        who = {"username": "bench", "email": "bench@example.com", "password": _PASSWORD}
        await client.post("/auth/register", json=who)
        login = await client.post("/auth/login", json={"username": "bench", "password": _PASSWORD})
        client.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
        await client.post("/projects", json={"key": "UP", "name": "Uploads"})
        for _ in range(uploads):
            await client.post("/projects/UP/tasks", json={"title": "With a file"})

        async def attach(number: int, file: bytes) -> int:
            sent = await client.post(f"/tasks/UP-{number}/attachments", files={"file": ("large", file)})
            return sent.status_code

        await attach(1, b"small")  # what the first file costs a process is no part of it
        before, began, cpu = memory(process).resident, time.perf_counter(), cpu_seconds(process)
        statuses = await asyncio.gather(*(attach(number + 1, content) for number in range(uploads)))
        seconds, cpu, peak = time.perf_counter() - began, cpu_seconds(process) - cpu, memory(process).peak
    print(
        f"{uploads} uploads of {mebibytes} MiB: {before:.0f} MiB before, {peak:.0f} at most "
        f"(+ {peak - before:.0f}), {seconds:.1f} s, {cpu:.1f} s of CPU of the API"
    )
    return set(statuses) == {201}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--uploads", type=int, default=32)
    parser.add_argument("--mebibytes", type=int, default=50)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="taskapi-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with start(folder / "postgres", DURABLE) as server:
            asyncio.run(ensure_database(server, _DATABASE))
            url = server.url(_DATABASE)
            asyncio.run(migrations.upgrade(url))
            variables = environment(url, TASKAPI_STORAGE_URL=(folder / "files").as_uri())
            with serving(API, variables, folder) as served:
                good = uvloop.run(measure(served.port, served.pid, given.uploads, given.mebibytes))
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
