"""Plays a history through the public API with 32 clients, and keeps account of what that must have left there.

Each person signs in and does what they did then; who is needed in a project becomes its member first, and a label is
made when the first task gets it.
"""

import asyncio
import random
import re
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from benchmarks.connection import Answer, Client, request
from benchmarks.relations import Link
from benchmarks.tracker import History, Issue, Said, State, Step, shown
from benchmarks.values import CLOSED

CLIENTS = 32
_PASSWORD = "everybody shares this long phrase"
_PATIENT_REPEATS = 20
_FIRST_STATUSES = 5
"""That every project has."""
_COLOR = "#2f6feb"
_SHUFFLED = 11
_T = TypeVar("_T")
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


@dataclass(frozen=True, slots=True)
class Expected:
    """A fact that the change log must tell of a task or a comment."""

    kind: str
    actor_id: str
    changes: dict[str, list[Any]]
    """Of the fields that the file has."""


@dataclass(slots=True)
class Player:
    history: History
    port: int
    phases: list[Phase] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    """What the change log must hold, by kind."""
    refused: list[str] = field(default_factory=list)
    """Issues and links that the service did not take as they are; the others go on."""
    repeats: int = 0
    """Requests made again because the service said that it was too busy, and so had done nothing."""
    accounts: dict[str, Account] = field(default_factory=dict)
    tasks: dict[str, str] = field(default_factory=dict)
    """The id that an issue got."""
    facts: dict[str, list[Expected]] = field(default_factory=dict)
    """By the id of a task: of itself and of its comments, in the order of its life."""
    played: Counter[str] = field(default_factory=Counter)
    """Requests that did what the file has, by what that is."""
    _members: dict[tuple[str, str], asyncio.Future[None]] = field(default_factory=dict)
    _labels: dict[tuple[str, str], asyncio.Future[str]] = field(default_factory=dict)
    _reported: dict[str, asyncio.Future[None]] = field(default_factory=dict)
    _latencies: list[float] = field(default_factory=list)

    async def play(self) -> None:
        people, issues = self.history.people, self.history.issues
        await self.phase("people: register, sign in", [self._arrive(n, who) for n, who in enumerate(people)])
        await self.phase("projects", [self._found(key, owner) for key, owner in self.history.owners.items()])
        await self.phase("issues, members, labels", [self._taken(issue.key, self._report, issue) for issue in issues])
        lives = [self._taken(issue.key, self._relive, issue) for issue in self.told_issues]
        lives += [self._taken(f"{link.source} to {link.target}", self._bind, link) for link in self.told_links]
        random.Random(_SHUFFLED).shuffle(lives)
        await self.phase("changes, comments, links", lives)

    @property
    def told_issues(self) -> list[Issue]:
        return [issue for issue in self.history.issues if issue.key in self.tasks]

    @property
    def told_links(self) -> list[Link]:
        return [link for link in self.history.links if {link.source, link.target} <= self.tasks.keys()]

    async def phase(self, name: str, works: Iterable[Work]) -> None:
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
            username = f"{re.sub(r'[^A-Za-z0-9]+', '-', person).strip('-')[:30]}-{number}".lstrip("-")
            body = {"username": username, "email": f"person{number}@example.org", "password": _PASSWORD}
            user = await self.send(client, 201, "POST", "/auth/register", body)
            self.events["user.registered"] += 1
            login = {"username": username, "password": _PASSWORD}
            pair = await self.send(client, 200, "POST", "/auth/login", login)
            self.events["session.started"] += 1
            self.accounts[person] = Account(user.json()["id"], pair.json()["access_token"])

        return work

    def _found(self, key: str, owner: str) -> Work:
        async def work(client: Client) -> None:
            body = {"key": key, "name": f"Project {key}", "estimate_unit": "minutes"}
            await self.send(client, 201, "POST", "/projects", body, person=owner)
            self.events.update({"project.created": 1, "member.added": 1, "status.created": _FIRST_STATUSES})
            joined = asyncio.get_running_loop().create_future()
            joined.set_result(None)
            self._members[key, owner] = joined

        return work

    def _taken(self, name: str, part: Callable[[Client, _T], Awaitable[None]], thing: _T) -> Work:
        """What one issue is refused ends that issue, and not the replay."""

        async def work(client: Client) -> None:
            try:
                await part(client, thing)
            except Unexpected as refusal:
                self.refused.append(f"{name}: {refusal}")

        return work

    async def _report(self, client: Client, issue: Issue) -> None:
        reported = self._reported[issue.key] = asyncio.get_running_loop().create_future()
        try:
            await self.join(client, issue.project, issue.reporter, issue.initial["assignee"])
            if (parent := issue.initial["parent"]) is not None:
                await self._reported[parent]
            body = await self._body(client, issue, shown(issue.initial))
            target = f"/projects/{issue.project}/tasks"
            answer = await self.send(client, 201, "POST", target, body, person=issue.reporter)
            task = self.tasks[issue.key] = answer.json()["id"]
            created = {name: [None, value] for name, value in body.items()}
            self._must_tell(task, "task.created", issue.reporter, created)
            self.played["tasks made"] += 1
        finally:
            reported.set_result(None)

    async def _relive(self, client: Client, issue: Issue) -> None:
        state = dict(issue.initial)
        for one in issue.life:
            if isinstance(one, Said):
                await self._say(client, issue, one)
            else:
                await self._change(client, issue, one, state)
                state |= one.changes

    async def _say(self, client: Client, issue: Issue, said: Said) -> None:
        task = self.tasks[issue.key]
        await self.join(client, issue.project, said.person)
        await self.send(client, 201, "POST", f"/tasks/{task}/comments", {"body": said.text}, person=said.person)
        self._must_tell(task, "comment.created", said.person, {"body": [None, said.text]})
        self.played["comments"] += 1

    async def _change(self, client: Client, issue: Issue, step: Step, state: State) -> None:
        await self.join(client, issue.project, step.person, step.changes.get("assignee"))
        task, after = self.tasks[issue.key], {**state, **step.changes}
        changed = {"labels" if name == "components" else name for name in step.changes}
        before = await self._body(client, issue, {name: shown(state)[name] for name in changed})
        body = await self._body(client, issue, {name: shown(after)[name] for name in changed})
        await self.send(client, 200, "PATCH", f"/tasks/{task}", body, person=step.person)
        if (kind := kind_of(state, step.changes)) is not None:
            changes = {name: [before[name], value] for name, value in body.items() if before[name] != value}
            self._must_tell(task, kind, step.person, changes)
        self.played["changes"] += 1

    async def _bind(self, client: Client, link: Link) -> None:
        """Link two tasks, and take that away, as often as somebody did."""
        issues = {issue.key: issue for issue in self.history.issues}
        source, target = issues[link.source], issues[link.target]
        turns = [(turn.person, turn.made) for turn in link.turns]
        link_id = ""
        for person, made in [(source.reporter, True), *turns] if link.at_first else turns:
            for issue in (source, target):
                await self.join(client, issue.project, person)
            path = f"/tasks/{self.tasks[link.source]}/links"
            if made:
                body = {"type": link.type, "task_id": self.tasks[link.target]}
                link_id = (await self.send(client, 201, "POST", path, body, person=person)).json()["id"]
            else:
                await self.send(client, 204, "DELETE", f"{path}/{link_id}", person=person)
            self.events["link.created" if made else "link.deleted"] += len({source.project, target.project})
            self.played["links"] += 1

    async def join(self, client: Client, project: str, *people: str | None) -> None:
        """Make sure that they are members; whoever needs somebody first adds them, and the others wait for that."""
        for person in people:
            if person is None:
                continue
            joined = self._members.get((project, person))
            if joined is None:
                joined = self._members[project, person] = asyncio.get_running_loop().create_future()
                body = {"user_id": self.accounts[person].id, "role": "editor"}
                target = f"/projects/{project}/members"
                await self.send(client, 201, "POST", target, body, person=self.history.owners[project])
                self.events["member.added"] += 1
                joined.set_result(None)
            await joined

    async def _label(self, client: Client, project: str, name: str) -> str:
        """Its id; the first who needs it makes it, as the project's owner."""
        made = self._labels.get((project, name.lower()))
        if made is None:
            made = self._labels[project, name.lower()] = asyncio.get_running_loop().create_future()
            body, owner = {"name": name, "color": _COLOR}, self.history.owners[project]
            answer = await self.send(client, 201, "POST", f"/projects/{project}/labels", body, person=owner)
            self.events["label.created"] += 1
            made.set_result(answer.json()["id"])
        return await made

    async def _body(self, client: Client, issue: Issue, state: State) -> dict[str, Any]:
        for name in state.get("labels", ()):
            await self._label(client, issue.project, name)
        return self.body(issue, state)

    def body(self, issue: Issue, state: State) -> dict[str, Any]:
        """What a task shows of this state, as far as it is given; its labels are there."""
        body: dict[str, Any] = {}
        for name, value in state.items():
            match name:
                case "assignee":
                    body["assignee_ids"] = [] if value is None else [self.accounts[value].id]
                case "parent":
                    if value is not None and value not in self.tasks:
                        raise Unexpected(f"{value}, which it is to be a part of, was refused")
                    body["parent_id"] = None if value is None else self.tasks[value]
                case "labels":
                    body["label_ids"] = [self._labels[issue.project, label.lower()].result() for label in value]
                case _:
                    body[name] = value
        return body

    def _must_tell(self, task: str, kind: str, person: str, changes: dict[str, list[Any]]) -> None:
        self.events[kind] += 1
        self.facts.setdefault(task, []).append(Expected(kind, self.accounts[person].id, changes))

    async def send(
        self, client: Client, status: int, method: str, path: str, body: object = None, *, person: str | None = None
    ) -> Answer:
        token = None if person is None else self.accounts[person].token
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
    was, becomes = shown(before), shown({**before, **changes})
    changed = {name for name, value in becomes.items() if was[name] != value}
    if not changed:
        return None
    if "status" in changed:
        was_closed, is_closed = was["status"] in CLOSED, becomes["status"] in CLOSED
        if was_closed != is_closed:
            return "task.completed" if is_closed else "task.reopened"
    return "task.moved" if changed == {"status"} else "task.updated"
