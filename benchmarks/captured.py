"""The statements of the service, taken down while it answers: from PostgreSQL's own log, with the values they had.

The bare program and pgbench then send the same ones, so that neither needs to know how the service makes them, and a
query that changes there changes here. A value that belongs to one request (its task, its caller, the time) has a role,
and gets its own value when the statement is sent again; any other value stays what it was.
"""

import asyncio
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Self
from uuid import UUID

import asyncpg

from benchmarks.connection import Answer, Client
from benchmarks.scenarios import Scenario, World
from benchmarks.servers import API, environment, serving
from taskapi.embedded import EmbeddedServer

CALLER, TASK, PROJECT, KEY, NOW, CHANGES = "caller", "task", "project", "key", "now", "changes"
NEW = "new:"
"""Followed by a number: one of the ids made for this request."""
GIVEN = "given:"
"""Followed by the name of a field of the request's body."""
LOGIN = "login"
_LEEWAY = timedelta(seconds=2)
_ENTRY = re.compile(r"^\d{4}-\S+ \S+ \S+ \[\d+\] (\w+):  ", re.MULTILINE)
_STATEMENT = re.compile(r"(?:statement|execute [^:]*): (.*)", re.DOTALL)
_VALUE = re.compile(r"\$\d+ = (NULL|'(?:[^']|'')*')")


class Value(NamedTuple):
    text: str | None
    """As PostgreSQL writes it."""
    role: str = ""


class Sent(NamedTuple):
    """One statement, and what `$1…` stood for."""

    sql: str
    values: tuple[Value, ...] = ()


Captured = Mapping[str, Sequence[Sent]]
"""What each form of request is answered with."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as its statements depend on it."""

    method: str
    target: str
    body: dict[str, Any]

    @classmethod
    def of(cls, raw: bytes) -> Self:
        head, _, payload = raw.partition(b"\r\n\r\n")
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        return cls(method, target, json.loads(payload) if payload else {})

    @property
    def form(self) -> str:
        return form(self.method, self.target, self.body)


def form(method: str, target: str, body: Mapping[str, Any]) -> str:
    """Requests of one form are answered by the same statements."""
    if "/auth/" in target:
        return LOGIN
    if method == "GET":
        return "GET" if "/tasks/" in target else target
    if method == "POST":
        return method
    # Each status is a form of its own: what goes with it, as its category, stays what it was.
    return f"{method} " + ",".join(f"{name}={value}" if name == "status" else name for name, value in body.items())


def read_log(text: str) -> list[Sent]:
    """The statements of a stretch of PostgreSQL's log."""
    sent: list[Sent] = []
    bounds = [*_ENTRY.finditer(text)]
    ends = [*(entry.start() for entry in bounds[1:]), len(text)]
    for entry, end in zip(bounds, ends, strict=True):
        message = text[entry.end() : end].removesuffix("\n").replace("\n\t", "\n")
        if entry[1] == "DETAIL" and sent and message.lower().startswith("parameters: "):
            values = (Value(None if found == "NULL" else _unquoted(found)) for found in _VALUE.findall(message))
            sent[-1] = Sent(sent[-1].sql, tuple(values))
        elif entry[1] == "LOG" and (statement := _STATEMENT.fullmatch(message)):
            sent.append(Sent(statement[1].rstrip().removesuffix(";")))
    return sent


def with_roles(
    sent: Iterable[Sent], asked: Asked, answered: Mapping[str, Any], caller: str, since: datetime
) -> list[Sent]:
    """Tell the values that are this request's own from those that are any request's."""
    known = _known(asked, answered, caller)
    new: dict[str, str] = {}

    def role(text: str | None) -> str:
        if text is None:
            return ""
        if text in known:
            return known[text]
        if _is_new_id(text, since):
            return new.setdefault(text, f"{NEW}{len(new)}")
        if _is_now(text, since):
            return NOW
        return CHANGES if asked.method != "GET" and text.startswith('{"') else ""

    return [Sent(one.sql, tuple(Value(value.text, role(value.text)) for value in one.values)) for one in sent]


def _known(asked: Asked, answered: Mapping[str, Any], caller: str) -> dict[str, str]:
    known = {caller: CALLER}
    if asked.method in {"POST", "PATCH"} and "key" in answered:
        known |= {answered["key"]: KEY, answered["project_id"]: PROJECT}
        if asked.method == "PATCH":
            known[answered["id"]] = TASK
    elif asked.form == "GET":
        known[answered["id"]] = TASK
    if asked.method != "GET":
        known |= {str(value): GIVEN + name for name, value in asked.body.items() if name != "status"}
    return known


def _is_new_id(text: str, since: datetime) -> bool:
    """Whether it is a UUIDv7 of no earlier time."""
    try:
        number = UUID(text)
    except ValueError:
        return False
    return number.version == 7 and datetime.fromtimestamp((number.int >> 80) / 1000, UTC) >= since - _LEEWAY


def _is_now(text: str, since: datetime) -> bool:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return False
    return at.tzinfo is not None and abs(at - since) <= _LEEWAY


def _unquoted(literal: str) -> str:
    return literal[1:-1].replace("''", "'")


class Ear:
    """Sends requests to a server of its own, one at a time, and hears what that asks of PostgreSQL."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self._log = log

    async def hear(self, client: Client, raw: bytes) -> tuple[Answer, list[Sent]]:
        before = self._log.stat().st_size
        answer = await client.send(raw)
        with self._log.open("rb") as log:
            log.seek(before)
            return answer, read_log(log.read().decode())

    async def take_down(self, world: World, scenarios: Sequence[Scenario]) -> Captured:
        """The usual statements of every form of request in these scenarios."""
        heard: defaultdict[str, list[list[Sent]]] = defaultdict(list)
        client = await Client.open(self.port)
        for scenario in scenarios:
            script = scenario.script(world, 0)
            raw = next(script)
            for _ in range(scenario.sampled):
                since, asked = datetime.now(UTC), Asked.of(raw)
                answer, sent = await self.hear(client, raw)
                if answer.status not in scenario.statuses:
                    raise RuntimeError(f"{scenario.name} answered {answer.status}: {answer.body[:300]!r}")
                heard[asked.form].append(with_roles(sent, asked, answer.json(), world.caller_id, since))
                raw = script.send(answer)
        client.close()
        return {form: usual(samples) for form, samples in heard.items()}


def usual(samples: Sequence[Sequence[Sent]]) -> Sequence[Sent]:
    """The last of those that are most: a caller is looked up now and then, and some changes change nothing."""
    texts = [tuple(one.sql for one in sample) for sample in samples]
    ((most, _),) = Counter(texts).most_common(1)
    return samples[len(texts) - 1 - texts[::-1].index(most)]


@contextmanager
def listening(postgres: EmbeddedServer, database: str, directory: Path) -> Iterator[Ear]:
    """An API with one connection to PostgreSQL, of which every statement is logged."""
    url = postgres.url(database)
    asyncio.run(_log_statements(url, database, "all"))
    with serving(API, environment(url, TASKAPI_DATABASE_POOL_SIZE="1"), directory) as served:
        yield Ear(served.port, postgres_log(directory))
    asyncio.run(_log_statements(url, database, "none"))


def postgres_log(directory: Path) -> Path:
    """Of the server that has its home in the directory of the run."""
    return directory / "postgres" / "server.log"


async def _log_statements(url: str, database: str, which: str) -> None:
    """For connections that are opened from now on."""
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://"))
    await connection.execute(f"ALTER DATABASE {database} SET log_statement = '{which}'")
    await connection.close()


def to_json(captured: Captured) -> str:
    return json.dumps(captured)


def from_json(text: str) -> Captured:
    return {
        form: [Sent(sql, tuple(Value(*value) for value in values)) for sql, values in sent]
        for form, sent in json.loads(text).items()
    }
