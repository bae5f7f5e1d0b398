"""Kills the API, the worker and PostgreSQL under writes, with a ledger of what clients were told.

Each writer owns its tasks, so that the last answer about one says what it has to be in the end. A request without an
answer is sent again with its Idempotency-Key, as a careful client does; so at the end nothing is in doubt.
"""

import asyncio
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from taskapi import embedded
from taskapi.core.clock import utc_now
from taskapi.core.db import migrations
from tests.adversity.serving import Service, serve
from tests.proof.tables import TOLD, differences
from tests.support.change_log import Fold
from tests.support.databases import connect

_PASSWORD = "a password of the writers"
_PATIENCE = 60.0
"""Seconds within which a request, sent again and again, has its answer."""
_API = "/api/v1"
_VICTIMS = ("api", "worker", "postgres")


@dataclass(frozen=True)
class Plan:
    kills: int
    writers: int = 4
    pause: float = 1.5
    """Seconds from one kill to the next, half as many to twice."""


@dataclass
class Outcome:
    killed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_VICTIMS, 0))
    acknowledged: int = 0
    sent_again: int = 0
    longest: float = 0.0
    """Seconds until a request had its answer."""
    faults: list[str] = field(default_factory=list)

    def table(self) -> str:
        lines = {
            **{f"{victim} killed": count for victim, count in self.killed.items()},
            "writes acknowledged": self.acknowledged,
            "sent again": self.sent_again,
            "longest wait": f"{self.longest:.1f} s",
            "lost, twice or untold": len(self.faults),
        }
        return "\n".join([*(f"{name:<28}{value:>10}" for name, value in lines.items()), *self.faults[:20]])


async def run(folder: Path, plan: Plan) -> Outcome:
    """On a cluster of its own in an empty folder; from the main thread, for PostgreSQL ends with it."""
    outcome = Outcome()
    with ExitStack() as stack:
        ground = _Ground(folder, stack)
        await ground.prepare()
        async with _writers(ground, plan, outcome) as writers:
            for _ in range(plan.kills):
                await asyncio.sleep(plan.pause * random.uniform(0.5, 2))
                victim = random.choice(_VICTIMS)
                await ground.kill(victim)
                outcome.killed[victim] += 1
        await _compare(ground, writers, outcome)
    return outcome


class _Ground:
    """The three programs, each started again after it was killed."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        folder.chmod(0o755)
        self.folder = folder
        self.postgres = embedded.start(
            folder / "postgres", embedded.DURABLE
        )  # the other loses commits when it is killed
        stack.callback(self._end_postgres)
        self.api = ExitStack()
        stack.callback(self._end_api)
        self.worker: subprocess.Popen[bytes] | None = None
        stack.callback(self._end_worker)
        self.service: Service
        self.url = self.postgres.url("postgres")

    async def prepare(self) -> None:
        await migrations.upgrade(self.url)
        await self._serve()
        self._work()

    async def kill(self, victim: str) -> None:
        if victim == "api":
            self.service.process.kill()
            self.api.close()
            await self._serve()
        elif victim == "worker":
            self._end_worker()
            self._work()
        else:
            os.kill(self.postgres.pid, signal.SIGKILL)
            self.postgres.wait()
            self.postgres = embedded.start_again(self.postgres)

    async def _serve(self) -> None:
        settings = {"TASKAPI_ACCESS_TOKEN_MINUTES": "60", "TASKAPI_RATE_LIMIT": "off", "TASKAPI_LOG_LEVEL": "error"}
        self.api = ExitStack()
        started = serve(self.url, self.folder, **settings)
        self.service = await asyncio.to_thread(self.api.enter_context, started)

    def _work(self) -> None:
        environment = {**os.environ, "TASKAPI_DATABASE_URL": self.url, "TASKAPI_LOG_LEVEL": "error"}
        with (self.folder / "worker.log").open("ab") as log:
            command = [sys.executable, "-m", "taskapi", "worker"]
            self.worker = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)

    def _end_postgres(self) -> None:
        self.postgres.stop()

    def _end_api(self) -> None:
        self.api.close()

    def _end_worker(self) -> None:
        if self.worker is not None:
            self.worker.kill()
            self.worker.wait()


class _Writer:
    """Somebody with a project of their own, who changes one thing after another."""

    def __init__(self, number: int, ground: _Ground, outcome: Outcome) -> None:
        self.name = f"writer{number}"
        self.project = f"W{number}"
        self._ground = ground
        self._outcome = outcome
        self._chance = random.Random(number)
        self._texts = (f"{self.name} {count}" for count in itertools.count())
        self._token: str | None = None
        self.known: dict[str, dict[str, Any]] = {}
        """Each task as it was last answered."""
        self.trashed: set[str] = set()
        self.comments: dict[str, str] = {}
        """What was said, and of which task."""

    async def begin(self) -> None:
        person = {"username": self.name, "email": f"{self.name}@example.com", "password": _PASSWORD}
        await self.send("POST", "/auth/register", person)
        answer = await self.send("POST", "/auth/login", {"username": self.name, "password": _PASSWORD})
        self._token = answer["access_token"]
        await self.send("POST", "/projects", {"key": self.project, "name": self.name})

    async def write_until(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            living = [task for task in self.known if task not in self.trashed]
            if len(living) < 3 or self._chance.random() < 0.2:
                await self._create()
            else:
                await self._chance.choice(_ACTS)(self, self._chance.choice(living))

    async def _create(self) -> None:
        self._learn(await self.send("POST", f"/projects/{self.project}/tasks", {"title": next(self._texts)}))

    async def _create_two(self, _: str) -> None:
        tasks = [{"op": "create", "project": self.project, "title": next(self._texts)} for _ in range(2)]
        tasks[1]["parent_id"] = "$0.id"
        answer = await self.send("POST", "/tasks/batch", {"atomic": True, "operations": tasks})
        for result in answer["results"]:
            self._learn(result["body"])

    async def _rename(self, task: str) -> None:
        self._learn(await self.send("PATCH", f"/tasks/{task}", {"title": next(self._texts), "priority": "high"}))

    async def _close(self, task: str) -> None:
        self._learn(await self.send("POST", f"/tasks/{task}/complete"))

    async def _reopen(self, task: str) -> None:
        if self.known[task]["completed_at"]:
            self._learn(await self.send("POST", f"/tasks/{task}/reopen"))

    async def _move(self, task: str) -> None:
        self._learn(await self.send("POST", f"/tasks/{task}/move", {"status": "in_progress"}))

    async def _comment(self, task: str) -> None:
        said = await self.send("POST", f"/tasks/{task}/comments", {"body": next(self._texts)})
        self.comments[said["body"]] = task

    async def _trash(self, task: str) -> None:
        """Of those without a task below them, so that one answer tells of one task."""
        if not any(other["parent_id"] == task for other in self.known.values()):
            await self.send("DELETE", f"/tasks/{task}")
            self.trashed.add(task)

    async def _bring_back(self, _: str) -> None:
        for task in sorted(self.trashed)[:1]:
            self._learn(await self.send("POST", f"/tasks/{task}/restore"))
            self.trashed.discard(task)

    def _learn(self, task: dict[str, Any]) -> None:
        self.known[task["id"]] = task

    async def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer, however often it takes; the same key each time."""
        headers = {"Idempotency-Key": str(uuid4())} if self._token else {}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        started = time.monotonic()
        for attempt in itertools.count():
            answer = await self._try(method, path, body, headers)
            if answer is not None and answer.status_code < 500 and not _still_runs(answer):
                break
            assert time.monotonic() - started < _PATIENCE, f"{method} {path} has no answer: {answer and answer.text}"
            self._outcome.sent_again += 1
            await asyncio.sleep(min(0.05 * 2**attempt, 1.0))
        assert answer is not None
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        self._outcome.acknowledged += 1
        self._outcome.longest = max(self._outcome.longest, time.monotonic() - started)
        return answer.json() if answer.content else None

    async def _try(
        self, method: str, path: str, body: dict[str, Any] | None, headers: dict[str, str]
    ) -> httpx.Response | None:
        url = f"{self._ground.service.url}{_API}{path}"
        try:
            async with httpx.AsyncClient(timeout=10) as client:
                return await client.request(method, url, json=body, headers=headers)
        except httpx.TransportError:
            return None


_ACTS = (
    _Writer._rename,
    _Writer._close,
    _Writer._reopen,
    _Writer._move,
    _Writer._comment,
    _Writer._trash,
    _Writer._bring_back,
    _Writer._create_two,
)


def _still_runs(answer: httpx.Response) -> bool:
    return answer.status_code == 409 and answer.json()["code"] == "request_in_progress"


@asynccontextmanager
async def _writers(ground: _Ground, plan: Plan, outcome: Outcome) -> AsyncIterator[list[_Writer]]:
    """They write for as long as the block lasts, and end with an answer to the last request of each."""
    stop = asyncio.Event()
    writers = [_Writer(number, ground, outcome) for number in range(plan.writers)]
    for writer in writers:
        await writer.begin()
    async with asyncio.TaskGroup() as running:
        for writer in writers:
            running.create_task(writer.write_until(stop))
        yield writers
        stop.set()


async def _compare(ground: _Ground, writers: list[_Writer], outcome: Outcome) -> None:
    tables = await connect(ground.url)
    try:
        for writer in writers:
            outcome.faults += await _unlike(tables, writer)
        # Facts without their change, and changes without their fact.
        outcome.faults += await differences(Fold(), tables, utc_now(), TOLD)
    finally:
        await tables.close()


async def _unlike(tables: Any, writer: _Writer) -> list[str]:
    rows = await tables.fetch(
        """
        SELECT t.id::text, t.title, t.status, t.version, t.deleted_at IS NOT NULL AS trashed
        FROM tasks t JOIN projects p ON p.id = t.project_id WHERE p.key = $1
        """,
        writer.project,
    )
    stored = {row["id"]: dict(row) for row in rows}
    told = {
        task: {
            "id": task,
            "title": body["title"],
            "status": body["status"],
            # The trash has no answer that would tell its version: it is one write.
            "version": body["version"] + (task in writer.trashed),
            "trashed": task in writer.trashed,
        }
        for task, body in writer.known.items()
    }
    said = await tables.fetch(
        "SELECT c.body, c.task_id::text FROM comments c JOIN users u ON u.id = c.created_by WHERE u.username = $1",
        writer.name,
    )
    faults = [
        f"{writer.name}: {stored.get(task)} is stored, {told.get(task)} was answered"
        for task in {*stored, *told}
        if stored.get(task) != told.get(task)
    ]
    if sorted(tuple(row) for row in said) != sorted(writer.comments.items()):
        faults.append(f"{writer.name}: {len(said)} comments are stored, {len(writer.comments)} were answered")
    return faults
