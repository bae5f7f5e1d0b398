"""The limit in Python: a bare ASGI program on asyncpg that sends the service's own statements, and does nothing else.

It answers the requests of `scenarios.py` with the same JSON, decodes the token each time, and writes the same rows in
the same transactions: the statements are those that `captured.py` took down, from the file that
`TASKAPI_BENCH_STATEMENTS` names. It validates nothing, knows no roles and no errors, and answers every POST with the
project key of the one taken down. `TASKAPI_BENCH_EVENTS=off` leaves out the row of the change log.
asyncpg's reset of a released connection, a round trip that the service does not make either, is off.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pydantic_core
from jose import jwt
from passlib.hash import argon2
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks import captured
from benchmarks.captured import Captured, Sent, Value
from taskapi.core.ids import new_id

_POOL_SIZE = 10
_HASHING_THREADS = 2
_NOTHING = UUID(int=0)
_SECRET_KEY = os.environ.get("TASKAPI_SECRET_KEY", "")
_WITH_EVENTS = os.environ.get("TASKAPI_BENCH_EVENTS") != "off"
_JSON = (b"content-type", b"application/json")
_READ: dict[str, Callable[[str], Any]] = {
    "uuid": UUID,
    **dict.fromkeys(("int2", "int4", "int8"), int),
    **dict.fromkeys(("float4", "float8"), float),
    "numeric": Decimal,
    "bool": lambda text: text == "t",
    "date": date.fromisoformat,
    "timestamptz": datetime.fromisoformat,
}


@dataclass(slots=True)
class _Asked:
    """A request, and what its statements have found so far."""

    caller: UUID
    target: UUID
    """The project or the task that the path names."""
    body: dict[str, Any]
    is_new: bool = False
    new_ids: dict[str, UUID] = field(default_factory=dict)
    before: dict[str, Any] | None = None
    """The task, as the first statement that told of it said."""


Bind = Callable[[_Asked], Any]


@dataclass(frozen=True, slots=True)
class _Step:
    sql: str
    binds: tuple[Bind, ...]
    is_control: bool
    """Begins or ends a transaction."""


class _Connection(asyncpg.Connection):
    def get_reset_query(self) -> str:
        return ""


class Bare:
    """The ASGI application."""

    def __init__(self, pool: asyncpg.Pool, steps: dict[str, list[_Step]]) -> None:
        self._pool = pool
        self._steps = steps
        self._threads = ThreadPoolExecutor(_HASHING_THREADS)
        argon2.set_backend()  # passlib would choose one at first use, and two threads at once get in each other's way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        target = f"{path}?{scope['query_string'].decode()}" if scope["query_string"] else path
        body = {} if method == "GET" else pydantic_core.from_json(await _body(receive))
        form = captured.form(method, target, body)
        if form == captured.LOGIN:
            await _answer(send, 200, await self._login(body))
            return
        if form == target:
            await _answer(send, 200, await self._list(_Asked(_caller(scope), _NOTHING, {}), form))
        else:
            asked = _Asked(_caller(scope), UUID(path.split("/")[4]), body, is_new=method == "POST")
            if_match = None if method != "PATCH" else _if_match(scope)
            await _answer(send, 201 if method == "POST" else 200, *await self._one(asked, form, if_match))

    async def _one(self, asked: _Asked, form: str, if_match: str | None) -> tuple[str, int]:
        """A task, as the last statement that told of one said."""
        body, version = "", 0
        async with self._pool.acquire() as connection:
            for step in self._steps[form]:
                row = await _run(connection, step, asked)
                if row is None or "body" not in row:
                    continue
                if if_match is not None and asked.before is None:
                    assert if_match in {"*", f'"{row["version"]}"'}
                body, version = row["body"], row["version"]
                if asked.before is None and asked.body:
                    asked.before = pydantic_core.from_json(body)
        return body, version

    async def _list(self, asked: _Asked, form: str) -> str:
        """The page is what the first statement finds, and the total what another one counts."""
        limit = int(form.partition("limit=")[2].partition("&")[0])
        async with self._pool.acquire() as connection:
            found = [
                await connection.fetch(step.sql, *[bind(asked) for bind in step.binds]) for step in self._steps[form]
            ]
        rows = found[0]
        total = next((some[0][0] for some in found[1:] if some and len(some[0]) == 1), 0)
        items = ",".join([row["body"] for row in rows[:limit]])
        return f'{{"items":[{items}],"has_more":{"true" if len(rows) > limit else "false"},"total":{total}}}'

    async def _login(self, body: dict[str, str]) -> str:
        """The hash alone: what a login cannot do without."""
        asked = _Asked(_NOTHING, _NOTHING, body)
        step = next(step for step in self._steps[captured.LOGIN] if "password_hash" in step.sql)
        account = await self._pool.fetchrow(step.sql, *[bind(asked) for bind in step.binds])
        verify = argon2.verify
        loop = asyncio.get_running_loop()
        right = await loop.run_in_executor(self._threads, verify, body["password"], account["password_hash"])
        return f'{{"right":{str(right).lower()}}}'


def app_from_environment() -> ASGIApp:
    """What `benchmarks.serve` starts from."""
    bare: Bare | None = None
    statements = captured.from_json(Path(os.environ["TASKAPI_BENCH_STATEMENTS"]).read_text())

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal bare
        if scope["type"] == "lifespan":
            await receive()
            bare = await _start(statements)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["path"] == "/health/ready":
            await _answer(send, 200, "{}")
        else:
            assert bare is not None
            await bare(scope, receive, send)

    return app


async def _start(statements: Captured) -> Bare:
    url = os.environ["TASKAPI_DATABASE_URL"].replace("postgresql+asyncpg://", "postgresql://")
    pool = await asyncpg.create_pool(
        url,
        min_size=_POOL_SIZE,
        max_size=_POOL_SIZE,
        connection_class=_Connection,
        server_settings={"jit": "off", "TimeZone": "UTC"},
    )
    async with pool.acquire() as connection:
        steps = {form: [await _prepared(connection, one) for one in sent] for form, sent in statements.items()}
    if not _WITH_EVENTS:
        steps = {form: [step for step in some if "INTO events" not in step.sql] for form, some in steps.items()}
    return Bare(pool, steps)


async def _prepared(connection: asyncpg.Connection, sent: Sent) -> _Step:
    if not sent.values:
        return _Step(sent.sql, (), is_control=not sent.sql.lower().startswith(("select", "with")))
    types = (await connection.prepare(sent.sql)).get_parameters()
    return _Step(sent.sql, tuple(map(_bind, sent.values, types)), is_control=False)


def _bind(value: Value, of_type: asyncpg.Type) -> Bind:
    """How the value comes about in each request."""
    role = value.role
    if role in _BINDS:
        return _BINDS[role]
    if role.startswith(captured.NEW):
        return lambda asked: asked.new_ids.get(role) or asked.new_ids.setdefault(role, new_id())
    if role.startswith(captured.GIVEN):
        name, read = role.removeprefix(captured.GIVEN), _READ.get(of_type.name, str)
        return lambda asked: read(str(asked.body[name]))
    constant = _constant(value.text, of_type)
    return lambda _: constant


def _changes(asked: _Asked) -> str:
    """Of a task that is changed: the fields given; of one that is new: all its fields."""
    before = asked.before or {}
    if asked.is_new:
        changes = {name: (None, value) for name, value in before.items()}
    else:
        changes = {name: (before[name], value) for name, value in asked.body.items()}
    return pydantic_core.to_json(changes).decode()


_BINDS: dict[str, Bind] = {
    captured.CALLER: lambda asked: asked.caller,
    captured.TASK: lambda asked: asked.target,
    captured.PROJECT: lambda asked: UUID(asked.before["project_id"]) if asked.before else asked.target,
    captured.KEY: lambda asked: asked.before and asked.before["key"],
    captured.NOW: lambda _: datetime.now(UTC),
    captured.CHANGES: _changes,
}


def _constant(text: str | None, of_type: asyncpg.Type) -> object:
    if text is None:
        return None
    if of_type.kind == "array":
        read = _READ.get(of_type.name.removesuffix("[]"), str)
        return [read(part) for part in text.strip("{}").split(",") if part]
    return _READ.get(of_type.name, str)(text)


async def _run(connection: asyncpg.Connection, step: _Step, asked: _Asked) -> Any:  # noqa: ANN401 - a record of any statement
    if step.is_control:
        await connection.execute(step.sql)
        return None
    return await connection.fetchrow(step.sql, *[bind(asked) for bind in step.binds])


def _caller(scope: Scope) -> UUID:
    token = next(value for name, value in scope["headers"] if name == b"authorization")[7:]
    claims = jwt.decode(token.decode(), _SECRET_KEY, algorithms=["HS256"], audience="taskapi", issuer="taskapi")
    return UUID(claims["sub"])


def _if_match(scope: Scope) -> str:
    return next(str(value, "ascii") for name, value in scope["headers"] if name == b"if-match")


async def _body(receive: Receive) -> bytes:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _answer(send: Send, status: int, text: str, version: int | None = None) -> None:
    payload = text.encode()
    headers = [_JSON, (b"content-length", str(len(payload)).encode())]
    if version is not None:
        headers.append((b"etag", f'"{version}"'.encode()))
    start: Message = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": payload})
