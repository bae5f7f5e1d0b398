"""Plays issues of a real tracker through the public API with 32 clients, then checks every task and the change log.

`python -m benchmarks.replay FILE`, where FILE has the lines that `tracker.py` describes; without it, invented ones.
Each person signs in and does what they did then; who is needed in a project becomes its member first. What the file
says that cannot be so is bent by `tracker.py`, and counted at the end.
"""

import argparse
import asyncio
import re
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import uvloop

from benchmarks import invented, report, tracker
from benchmarks.connection import Answer, Client, request
from benchmarks.servers import API, environment, serving
from benchmarks.tracker import History, Issue, State, Step
from taskapi.core.db import migrations
from taskapi.embedded import DURABLE, EmbeddedServer, ensure_database, start

CLIENTS = 32
_PASSWORD = "everybody shares this long phrase"
_DATABASE = "replay"
_PATIENT_REPEATS = 20
_SHOWN = 10
Work = Callable[[Client], Awaitable[None]]


class Unexpected(Exception):
    """The service answered what it must not."""


@dataclass(frozen=True, slots=True)
class Phase:
    name: str
    seconds: float
    latencies: list[float]


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    token: str


@dataclass(slots=True)
class Player:
    """Plays a history against one server, and keeps account of what that must have left there."""

    history: History
    port: int
    phases: list[Phase] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    """What the change log must hold, by kind."""
    mismatches: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Issues that the service did not take as they are; the others go on."""
    repeats: int = 0
    """Requests made again because the service said that it was too busy, and so had done nothing."""
    _accounts: dict[str, Account] = field(default_factory=dict)
    _members: dict[tuple[str, str], asyncio.Future[None]] = field(default_factory=dict)
    _tasks: dict[str, str] = field(default_factory=dict)
    """The id that an issue got."""
    _versions: Counter[str] = field(default_factory=Counter)
    """How many times each task was written."""
    _latencies: list[float] = field(default_factory=list)

    async def play(self) -> None:
        people, issues = self.history.people, self.history.issues
        await self._phase("people: register, sign in", [self._arrive(n, who) for n, who in enumerate(people)])
        await self._phase("projects", [self._found(key, owner) for key, owner in self.history.owners.items()])
        await self._phase("issues, and members", [self._taken(issue, self._report) for issue in issues])
        told = [issue for issue in issues if issue.key in self._tasks]
        await self._phase("changes, and members", [self._taken(issue, self._relive) for issue in told])
        await self._phase("check", [self._check(issue) for issue in told])

    async def _phase(self, name: str, works: Iterable[Work]) -> None:
        queue, started = deque(works), time.perf_counter()

        async def client() -> None:
            connection = await Client.open(self.port)
            while queue:
                await queue.popleft()(connection)
            connection.close()

        async with asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(client())
        self.phases.append(Phase(name, time.perf_counter() - started, self._latencies))
        self._latencies = []

    def _arrive(self, number: int, person: str) -> Work:
        async def work(client: Client) -> None:
            # Logins may hold what usernames may not, and two may differ in nothing else.
            username = f"{re.sub(r'[^A-Za-z0-9]+', '-', person).strip('-')[:30]}-{number}"
            body = {"username": username, "email": f"person{number}@example.org", "password": _PASSWORD}
            user = await self._send(client, 201, "POST", "/auth/register", body)
            self.events["user.registered"] += 1
            login = {"username": username, "password": _PASSWORD}
            pair = await self._send(client, 200, "POST", "/auth/login", login)
            self.events["session.started"] += 1
            self._accounts[person] = Account(user.json()["id"], pair.json()["access_token"])

        return work

    def _found(self, key: str, owner: str) -> Work:
        async def work(client: Client) -> None:
            await self._send(client, 201, "POST", "/projects", {"key": key, "name": f"Project {key}"}, person=owner)
            self.events["project.created"] += 1
            self.events["member.added"] += 1
            joined = asyncio.get_running_loop().create_future()
            joined.set_result(None)
            self._members[key, owner] = joined

        return work

    def _taken(self, issue: Issue, part: Callable[[Client, Issue], Awaitable[None]]) -> Work:
        """What one issue is refused ends that issue, and not the replay."""

        async def work(client: Client) -> None:
            try:
                await part(client, issue)
            except Unexpected as refusal:
                self.refused.append(f"{issue.key}: {refusal}")

        return work

    async def _report(self, client: Client, issue: Issue) -> None:
        await self._join(client, issue.project, issue.reporter, issue.initial["assignee"])
        target = f"/projects/{issue.project}/tasks"
        answer = await self._send(client, 201, "POST", target, self._body(issue.initial), person=issue.reporter)
        self.events["task.created"] += 1
        self._tasks[issue.key] = answer.json()["id"]
        self._versions[issue.key] += 1

    async def _relive(self, client: Client, issue: Issue) -> None:
        state = dict(issue.initial)
        for step in issue.steps:
            await self._take(client, issue, step)
            if (kind := kind_of(state, step.changes)) is not None:
                self.events[kind] += 1
                self._versions[issue.key] += 1
            state |= step.changes

    async def _take(self, client: Client, issue: Issue, step: Step) -> None:
        await self._join(client, issue.project, step.person, step.changes.get("assignee"))
        task = f"/tasks/{self._tasks[issue.key]}"
        await self._send(client, 200, "PATCH", task, self._body(step.changes), person=step.person)

    async def _join(self, client: Client, project: str, *people: str | None) -> None:
        """Make sure that they are members; whoever needs somebody first adds them, and the others wait for that."""
        for person in people:
            if person is None:
                continue
            joined = self._members.get((project, person))
            if joined is None:
                joined = self._members[project, person] = asyncio.get_running_loop().create_future()
                body = {"user_id": self._accounts[person].id, "role": "editor"}
                target = f"/projects/{project}/members"
                await self._send(client, 201, "POST", target, body, person=self.history.owners[project])
                self.events["member.added"] += 1
                joined.set_result(None)
            await joined

    def _check(self, issue: Issue) -> Work:
        async def work(client: Client) -> None:
            target = f"/tasks/{self._tasks[issue.key]}"
            task = (await self._send(client, 200, "GET", target, person=issue.reporter)).json()
            expected = {
                **self._body(issue.final),
                "created_by": self._accounts[issue.reporter].id,
                "version": self._versions[issue.key],
            }
            found = {name: task[name] for name in expected}
            if found != expected or (task["completed_at"] is not None) != (issue.final["status"] in tracker.CLOSED):
                self.mismatches.append(f"{issue.key}: expected {expected}, found {found}")

        return work

    def _body(self, state: State) -> dict[str, Any]:
        body: dict[str, Any] = {name: value for name, value in state.items() if name != "assignee"}
        if "assignee" in state:
            person = state["assignee"]
            body["assignee_ids"] = [] if person is None else [self._accounts[person].id]
        return body

    async def _send(
        self, client: Client, status: int, method: str, path: str, body: object = None, *, person: str | None = None
    ) -> Answer:
        token = None if person is None else self._accounts[person].token
        raw = request(method, f"/api/v1{path}", body, token=token)
        answer = await self._timed(client, raw)
        for _ in range(_PATIENT_REPEATS):
            if answer.status != 503 or answer.json().get("code") != "overloaded":
                break
            self.repeats += 1
            await asyncio.sleep(float(answer.header(b"retry-after") or 1))
            answer = await self._timed(client, raw)
        if answer.status != status:
            raise Unexpected(f"{method} {path} answered {answer.status}: {answer.body.decode()[:500]}")
        return answer

    async def _timed(self, client: Client, raw: bytes) -> Answer:
        started = time.perf_counter()
        answer = await client.send(raw)
        self._latencies.append(time.perf_counter() - started)
        return answer


def kind_of(before: State, changes: State) -> str | None:
    """What the change log must call this: the first that fits; None where nothing changes."""
    changed = {name for name, value in changes.items() if before[name] != value}
    if not changed:
        return None
    if "status" in changed:
        was_closed, is_closed = before["status"] in tracker.CLOSED, changes["status"] in tracker.CLOSED
        if was_closed != is_closed:
            return "task.completed" if is_closed else "task.reopened"
    return "task.moved" if changed == {"status"} else "task.updated"


def replay(
    postgres: EmbeddedServer, directory: Path, file: Path | None, statuses: Mapping[str, str] | None = None
) -> bool:
    """Play into a database of its own and print what came of it; whether anything was not as it must be."""
    history = tracker.understand(tracker.read(file) if file else invented.lines(), statuses)
    player, logged = play(postgres, directory, history)
    _print(player, logged)
    return bool(player.mismatches or player.refused) or logged != player.events


def play(
    postgres: EmbeddedServer, directory: Path, history: History, database: str = _DATABASE
) -> tuple[Player, Counter[str]]:
    """Who played, and the rows of the change log by kind."""
    url = postgres.url(database)
    asyncio.run(_prepare(postgres, database))
    with serving(API, environment(url), directory) as served:
        player = Player(history, served.port)
        uvloop.run(player.play())
    return player, asyncio.run(_logged(url))


async def _prepare(postgres: EmbeddedServer, database: str) -> None:
    await ensure_database(postgres, database)
    await migrations.upgrade(postgres.url(database))


async def _logged(url: str) -> Counter[str]:
    """Rows of the change log, by kind."""
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://"))
    rows = await connection.fetch("SELECT kind, count(*) AS rows FROM events GROUP BY kind")
    await connection.close()
    return Counter({row["kind"]: row["rows"] for row in rows})


def _print(player: Player, logged: Counter[str]) -> None:
    history = player.history
    steps = sum(len(issue.steps) for issue in history.issues)
    projects = len({issue.project for issue in history.issues})
    print(f"{len(history.people)} people, {projects} projects, {len(history.issues)} issues, {steps} changes\n")
    without_hashing = player.phases[1:]
    rest = Phase(
        "all but people",
        sum(phase.seconds for phase in without_hashing),
        [latency for phase in without_hashing for latency in phase.latencies],
    )
    rows = [_cells(phase) for phase in [*player.phases, rest]]
    print(report.table(("phase", "requests", "seconds", "per second", "p50 ms", "p99 ms"), rows))
    kinds = sorted(player.events | logged)
    print(
        "\n"
        + report.table(("change log", "expected", "found"), [[k, f"{player.events[k]}", f"{logged[k]}"] for k in kinds])
    )
    different = sum(player.events[kind] != logged[kind] for kind in kinds)
    print(f"\n- made again after a 503 that said so: {player.repeats}")
    print(f"- mismatches: {len(player.mismatches)} tasks, {different} kinds of change; refused: {len(player.refused)}")
    for complaint in [*player.refused[:_SHOWN], *player.mismatches[:_SHOWN]]:
        print(f"  - {complaint}")
    for oddity, count in history.oddities.most_common():
        print(f"- {oddity}: {count}")


def _cells(phase: Phase) -> list[str]:
    latencies = sorted(phase.latencies)
    count = len(latencies)
    middle, late = latencies[count // 2], latencies[count * 99 // 100]
    figures = (f"{phase.seconds:.1f}", f"{count / phase.seconds:,.0f}", f"{middle * 1000:.1f}", f"{late * 1000:.1f}")
    return [phase.name, f"{count:,}", *figures]


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--status",
        type=_mapping,
        action="append",
        default=[],
        metavar="THEIRS=ours",
        help=f'"Received=todo": what a status of the file is to be, of {", ".join(tracker.STATUSES)}; may be repeated',
    )


def _mapping(text: str) -> tuple[str, str]:
    theirs, _, ours = text.rpartition("=")
    if not theirs or ours not in tracker.STATUSES:
        raise argparse.ArgumentTypeError(f"{text} does not end in = and one of {', '.join(tracker.STATUSES)}")
    return theirs, ours


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, nargs="?", help="NDJSON, gzipped or not; else an invented set")
    add_options(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="taskapi-replay-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        with start(directory / "postgres", DURABLE) as postgres:
            return int(replay(postgres, directory, options.file, dict(options.status)))


if __name__ == "__main__":
    sys.exit(main())
