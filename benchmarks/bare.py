"""The limit in Python: a bare ASGI program on asyncpg that does the service's own SQL, and nothing else.

It answers the requests of `scenarios.py` with the same JSON, decodes the token each time, and writes the same rows in
the same transactions. It validates nothing, knows no roles and no errors. `TASKAPI_BENCH_EVENTS=off` leaves out the
row of the change log, as the reference figures did. asyncpg's reset of a released connection, a round trip that the
service does not make either, is off.
"""

import asyncio
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pydantic_core
from jose import jwt
from passlib.hash import argon2
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskapi.auth import queries as auth_queries
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import _PUBLISH as PUBLISH
from taskapi.core.clock import utc_now
from taskapi.core.db.statements import Statement
from taskapi.core.http.references import ById
from taskapi.core.ids import new_id
from taskapi.models import SystemRole
from taskapi.tasks import queries
from taskapi.tasks.filters.compile import compiled
from taskapi.tasks.filters.parameters import Standpoint, filter_of
from taskapi.tasks.lists import sources, statements
from taskapi.tasks.lists.shapes import shape_of
from taskapi.tasks.schemas import TaskCreate, TaskFilter

_POOL_SIZE = 10
_HASHING_THREADS = 2
_SECRET_KEY = os.environ.get("TASKAPI_SECRET_KEY", "")
_WITH_EVENTS = os.environ.get("TASKAPI_BENCH_EVENTS") != "off"
_SORTED = TaskFilter(status=["todo"], sort="-created_at")
_CALLER, _ANY_PROJECT = Caller(UUID(int=0), SystemRole.USER), ById(UUID(int=0))
_TODO = compiled(filter_of(_SORTED, Standpoint(utc_now(), ZoneInfo("UTC"), _CALLER.id)))
_ORIGIN = sources.of_caller(_CALLER, Reach.MEMBER, _ANY_PROJECT).origin
_FIRST = shape_of(_SORTED, _TODO.sql, "rank")
_LIST = {
    (continues, paged): statements.page(replace(_FIRST, continues=continues, paged=paged), _ORIGIN)
    for continues, paged in ((False, False), (True, False), (False, True))
}
_COUNT = statements.count(_TODO.sql, _ORIGIN)
_GET = queries.visible(ById.by, frozenset(), Reach.MEMBER)
_PROJECT = queries.project_for_create(ById.by, Reach.MEMBER, with_status=False)
_FOR_UPDATE = queries.for_update(ById.by, Reach.MEMBER, trashed=False)
_CHANGE_TITLE = queries.change(("title", "updated_at"))
_NEW_TASK = TaskCreate(title="x").model_dump(exclude={"id", "status"})
_JSON = (b"content-type", b"application/json")


class _Connection(asyncpg.Connection):
    def get_reset_query(self) -> str:
        return ""


class Bare:
    """The ASGI application."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._threads = ThreadPoolExecutor(_HASHING_THREADS)
        argon2.set_backend()  # passlib would choose one at first use, and two threads at once get in each other's way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"].split("/")
        if path[3] == "auth":
            await _answer(send, 200, await self._login(pydantic_core.from_json(await _body(receive))))
            return
        caller = _caller(scope)
        if method == "POST":
            body = pydantic_core.from_json(await _body(receive))
            await _answer(send, 201, *await self._create(caller, UUID(path[4]), body))
        elif method == "PATCH":
            body = pydantic_core.from_json(await _body(receive))
            await _answer(send, 200, *await self._update(caller, UUID(path[4]), body["title"], _if_match(scope)))
        elif path[3] == "tasks":
            await _answer(send, 200, *await self._get(caller, UUID(path[4])))
        else:
            await _answer(send, 200, await self._list(caller, UUID(path[4]), scope["query_string"].decode()))

    async def _get(self, caller: UUID, task: UUID) -> tuple[str, int]:
        row = await self._pool.fetchrow(_GET.sql, *_GET.arguments({"caller_id": caller, "task_id": task}))
        return row["body"], row["version"]

    async def _list(self, caller: UUID, project: UUID, query: str) -> str:
        asked = parse_qs(query)
        limit, page = int(asked["limit"][0]), int(asked.get("page", ["0"])[0])
        values: dict[str, Any] = {"caller_id": caller, "project_id": project, "f0": asked["status"][0]}
        if page:
            values["offset"] = (page - 1) * limit
        if "cursor" in asked:
            values["after_0"], values["after_1"] = json.loads(asked["cursor"][0])
        statement = _LIST["cursor" in asked, page > 0]
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(statement.sql, *statement.arguments(values))
            total = (
                await connection.fetchval(_COUNT.sql, *_COUNT.arguments(_COUNT.taken_from(values))) if page else None
            )
        items = ",".join([row["body"] for row in rows[:limit]])
        return f'{{"items":[{items}],"has_more":{"true" if len(rows) > limit else "false"},"total":{total or 0}}}'

    async def _create(self, caller: UUID, project: UUID, body: dict[str, Any]) -> tuple[str, int]:
        now = datetime.now(UTC)
        async with self._pool.acquire() as connection:
            await connection.execute("BEGIN")
            found = await _row(connection, _PROJECT, caller_id=caller, project_id=project)
            row = await _row(
                connection,
                queries.CREATE,
                **_NEW_TASK | body,
                id=new_id(),
                project_id=project,
                project_key=found["key"],
                status=found["status"],
                status_category=found["category"],
                created_by=caller,
                created_at=now,
                updated_at=now,
                completed_at=None,
            )
            if _WITH_EVENTS:
                fields = pydantic_core.from_json(row["body"])
                changes = {name: (None, value) for name, value in fields.items()}
                await _publish(connection, "task.created", caller, fields, changes)
            await connection.execute("COMMIT")
        return row["body"], row["version"]

    async def _update(self, caller: UUID, task: UUID, title: str, if_match: str) -> tuple[str, int]:
        async with self._pool.acquire() as connection:
            await connection.execute("BEGIN")
            found = await _row(connection, _FOR_UPDATE, caller_id=caller, task_id=task, enters=None)
            assert if_match in {"*", f'"{found["version"]}"'}
            row = await _row(
                connection,
                _CHANGE_TITLE,
                of_task=task,
                title=title,
                project_key=found["project_key"],
                updated_at=datetime.now(UTC),
            )
            if _WITH_EVENTS:
                fields = pydantic_core.from_json(found["body"])
                await _publish(connection, "task.updated", caller, fields, {"title": (fields["title"], title)})
            await connection.execute("COMMIT")
        return row["body"], row["version"]

    async def _login(self, body: dict[str, str]) -> str:
        """The hash alone: what a login cannot do without."""
        statement = auth_queries.ACCOUNT_BY_LOGIN
        account = await self._pool.fetchrow(
            statement.sql, *statement.arguments({"username": body["username"], "email": None})
        )
        verify = argon2.verify
        loop = asyncio.get_running_loop()
        right = await loop.run_in_executor(self._threads, verify, body["password"], account["password_hash"])
        return f'{{"right":{str(right).lower()}}}'


def app_from_environment() -> ASGIApp:
    """What `benchmarks.serve` starts from."""
    bare: Bare | None = None

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal bare
        if scope["type"] == "lifespan":
            await receive()
            bare = Bare(await _pool())
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["path"] == "/health/ready":
            await _answer(send, 200, "{}")
        else:
            assert bare is not None
            await bare(scope, receive, send)

    return app


async def _pool() -> asyncpg.Pool:
    url = os.environ["TASKAPI_DATABASE_URL"].replace("postgresql+asyncpg://", "postgresql://")
    return await asyncpg.create_pool(
        url,
        min_size=_POOL_SIZE,
        max_size=_POOL_SIZE,
        connection_class=_Connection,
        server_settings={"jit": "off", "TimeZone": "UTC"},
    )


def _caller(scope: Scope) -> UUID:
    token = next(value for name, value in scope["headers"] if name == b"authorization")[7:]
    claims = jwt.decode(token.decode(), _SECRET_KEY, algorithms=["HS256"], audience="taskapi", issuer="taskapi")
    return UUID(claims["sub"])


def _if_match(scope: Scope) -> str:
    return next(str(value, "ascii") for name, value in scope["headers"] if name == b"if-match")


async def _row(connection: asyncpg.Connection, statement: Statement[Any], **values: Any) -> Any:  # noqa: ANN401
    return await connection.fetchrow(statement.sql, *statement.arguments(values))


async def _publish(
    connection: asyncpg.Connection, kind: str, caller: UUID, task: dict[str, Any], changes: dict[str, Any]
) -> None:
    await _row(
        connection,
        PUBLISH,
        id=new_id(),
        at=datetime.now(UTC),
        actor_id=caller,
        actor_kind="user",
        token_id=None,
        request_id=None,
        batch_id=None,
        project_id=UUID(task["project_id"]),
        subject_type="task",
        subject_id=UUID(task["id"]),
        subject_key=task["key"],
        kind=kind,
        changes=pydantic_core.to_json(changes).decode(),
    )


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
