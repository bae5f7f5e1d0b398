"""What a stranger could learn from the clock or the bytes: who has an account (threat T2).

Each flow asks about several kinds of people in turn, shuffled in every round so that noise hits all of them; the
medians must lie within 10 ms of one another, and what is answered must be equal but for what belongs to one answer.
"""

import asyncio
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import asyncpg
import uvloop

from benchmarks import report
from benchmarks.connection import Answer, Client, request
from benchmarks.servers import API, environment, serving
from taskapi.core.db import migrations
from taskapi.embedded import EmbeddedServer, ensure_database

NAME = "enumeration"
ROUNDS, QUICK_ROUNDS = 200, 40
GOAL_MS = 10.0
_DATABASE = "enumeration"
_WARM_UP = 5
_PROJECT_EVERY = 5  # rounds: more mails in an hour are refused, to whomever
_PASSWORD = "a long and quiet afternoon"
_WRONG_PASSWORD = "not the password of anybody"
# Ids, instants and the address that was asked about: what two answers to the same question differ in.
_ITS_OWN = re.compile(
    rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)|[\w.-]+@example\.(?:org|com)"
)
_VARYING_HEADERS = (b"x-request-id", b"date", b"content-length", b"location", b"etag")
Ask = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Flow:
    name: str
    kinds: dict[str, Ask]
    """The request about somebody of this kind, in the n-th round."""
    equal: bool = True
    """Whether the answers have to be the same, and not their time alone."""


@dataclass(slots=True)
class Watched:
    """What was seen of one kind of people in one flow."""

    flow: str
    kind: str
    milliseconds: list[float] = field(default_factory=list)
    answers: set[bytes] = field(default_factory=set)

    @property
    def median_ms(self) -> float:
        return median(self.milliseconds)


@dataclass(frozen=True, slots=True)
class Comparison:
    flow: Flow
    watched: list[Watched]

    @property
    def apart_ms(self) -> float:
        medians = [one.median_ms for one in self.watched]
        return max(medians) - min(medians)

    @property
    def tells(self) -> bool:
        """Whether some answer differs from another where none may."""
        return self.flow.equal and len(set().union(*(one.answers for one in self.watched))) > 1

    @property
    def verdict(self) -> str:
        if self.tells:
            return "ANSWERS DIFFER"
        return "ok" if self.apart_ms <= GOAL_MS else "over: time"


def enumeration(postgres: EmbeddedServer, directory: Path, rounds: int) -> bool:
    """Ask in a database of its own and print what came of it; whether any answer told somebody from nobody."""
    url = postgres.url(_DATABASE)
    asyncio.run(_prepare(postgres, url))
    with serving(API, environment(url), directory) as served:
        comparisons = uvloop.run(_watch(served.port, url, rounds))
    print(table(comparisons))
    for comparison in comparisons:
        if comparison.tells:
            print(f"\n{comparison.flow.name}:")
            for one in comparison.watched:
                print(f"  {one.kind}, {len(one.answers)} answers: {min(one.answers).decode(errors='replace')}")
    return any(comparison.tells for comparison in comparisons)


def table(comparisons: list[Comparison]) -> str:
    head = ("flow", "about", "median ms", "p90 ms", "apart ms", "goal", "verdict")
    rows = []
    for comparison in comparisons:
        for one in comparison.watched:
            p90 = sorted(one.milliseconds)[len(one.milliseconds) * 9 // 10]
            last = one is comparison.watched[-1]
            judged = (f"{comparison.apart_ms:.2f}", f"≤ {GOAL_MS:.0f}", comparison.verdict) if last else ("", "", "")
            rows.append((one.flow, one.kind, f"{one.median_ms:.2f}", f"{p90:.2f}", *judged))
    return report.table(head, rows)


def shown(answer: Answer) -> bytes:
    """All that a stranger sees, without what belongs to this one answer."""
    lines = answer.head.split(b"\r\n")
    kept = [lines[0], *sorted(line for line in lines[1:] if not line.lower().startswith(_VARYING_HEADERS))]
    number = answer.header(b"x-request-id") or b""
    return _ITS_OWN.sub(b"*", b" | ".join([*kept, answer.body.replace(number, b"*")]))


async def _prepare(postgres: EmbeddedServer, url: str) -> None:
    await ensure_database(postgres, _DATABASE)
    await migrations.upgrade(url)


async def _watch(port: int, url: str, rounds: int) -> list[Comparison]:
    client = await Client.open(port)
    try:
        token = await _populate(client, url, rounds + _WARM_UP)
        return [await _compare(client, flow, rounds) for flow in _flows(token)]
    finally:
        client.close()


async def _compare(client: Client, flow: Flow, rounds: int) -> Comparison:
    chance = random.Random(flow.name)
    watched = [Watched(flow.name, kind) for kind in flow.kinds]
    for number in range(-_WARM_UP, rounds):
        for one in chance.sample(watched, len(watched)):
            raw = flow.kinds[one.kind](number + _WARM_UP)
            started = time.perf_counter()
            answer = await client.send(raw)
            took = time.perf_counter() - started
            if number >= 0:
                one.milliseconds.append(took * 1000)
            one.answers.add(shown(answer))
    return Comparison(flow, watched)


def _flows(token: str) -> list[Flow]:
    def to_login(username: str, password: str = _WRONG_PASSWORD) -> Ask:
        raw = request("POST", "/api/v1/auth/login", {"username": username, "password": password})
        return lambda _: raw

    def to(path: str, name: str) -> Ask:
        raw = request("POST", f"/api/v1/auth/{path}", {"email": f"{name}@example.org"})
        return lambda _: raw

    def to_invite(name: str) -> Ask:
        body = {"email": f"{name}@example.org", "role": "viewer"}
        return lambda n: request("POST", f"/api/v1/projects/{_project(n)}/invitations", body, token=token)

    def to_register(name: str, domain: str) -> Ask:
        def ask(n: int) -> bytes:
            fields = {"username": name.format(n), "email": f"{domain.format(n)}@example.org", "password": _PASSWORD}
            return request("POST", "/api/v1/auth/register", fields)

        return ask

    return [
        Flow(
            "login",
            {
                "wrong password": to_login("known"),
                "nobody": to_login("nobody"),
                "disabled, wrong password": to_login("disabled"),
                "disabled, right password": to_login("disabled", _PASSWORD),
            },
        ),
        Flow("forgot", {kind: to("password/forgot", kind) for kind in ("known", "nobody", "disabled")}),
        Flow("resend", {kind: to("email/resend", kind) for kind in ("known", "nobody", "disabled")}),
        Flow("invite", {kind: to_invite(kind) for kind in ("known", "nobody", "disabled")}),
        # Without mail to prove an address, somebody who is told "no" learns why: only the time is compared.
        Flow(
            "register",
            {
                "free": to_register("new{}", "new{}"),
                "address taken": to_register("other{}", "known"),
                "name taken": to_register("known", "other{}"),
            },
            equal=False,
        ),
    ]


def _project(number: int) -> str:
    return f"P{number // _PROJECT_EVERY}"


async def _populate(client: Client, url: str, rounds: int) -> str:
    """Somebody known, somebody disabled, and the token of somebody who invites into projects of their own."""
    for name in ("host", "known", "disabled"):
        body = {"username": name, "email": f"{name}@example.org", "password": _PASSWORD}
        await _expect(client, 201, request("POST", "/api/v1/auth/register", body))
    login = request("POST", "/api/v1/auth/login", {"username": "host", "password": _PASSWORD})
    token: str = (await _expect(client, 200, login)).json()["access_token"]
    for number in range(0, rounds, _PROJECT_EVERY):
        body = {"key": _project(number), "name": "Project"}
        await _expect(client, 201, request("POST", "/api/v1/projects", body, token=token))
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://"))
    await connection.execute("UPDATE users SET is_active = false WHERE username = 'disabled'")
    await connection.close()
    return token


async def _expect(client: Client, status: int, raw: bytes) -> Answer:
    answer = await client.send(raw)
    if answer.status != status:
        raise RuntimeError(f"{answer.status} {answer.body.decode(errors='replace')}")
    return answer
