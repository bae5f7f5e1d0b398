"""Whoever comes first waits no longer than others: nothing is imported, compiled or read inside a request."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from taskapi.core.db.database import Database
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.proof import matrix
from tests.proof.requests import Operation, Request, operations, valid
from tests.proof.world import Kind, Persona, World, build
from tests.support.databases import connect, settings_for

pytestmark = pytest.mark.slow

_LONGEST_MS = 25.0
_PATIENCE = 120.0
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# What others need is taken away last, and what one person has by different ones.
_LAST = (
    "POST /changes/{change_id}/revert",
    "POST /changes/batches/{batch_id}/revert",
    "POST /tasks/{task}/checklist/{item_id}/convert",
    "POST /projects/{project}/transfer",
    "DELETE /projects/{project}",
    "POST /auth/logout",
    "POST /auth/logout-all",
    "DELETE /auth/sessions/{session_id}",
)
# With the requests of another method: after what it needs, or before what takes that away.
_AMONG = {"POST /tasks/{task}/recurrence/skip": "PUT", "POST /tasks/{task}/merge": "DELETE"}
_OTHERS = {
    "POST /auth/totp/confirm": Persona.VIEWER,
    "POST /auth/totp/recovery-codes": Persona.COMMENTER,
    "DELETE /auth/totp": Persona.EDITOR,
    "POST /auth/logout": Persona.VIEWER,
    "POST /auth/logout-all": Persona.COMMENTER,
    "DELETE /auth/sessions/{session_id}": Persona.EDITOR,
    "POST /auth/password/change": Persona.ADMIN,
    "DELETE /users/me": Persona.OUTSIDER,
}
# So many may be refused because of what came before, or because there is no provider in this world.
_REFUSED = 8


def _order(operation: Operation) -> tuple[int, int, int]:
    """What takes away comes after what uses it, and what holds others after these."""
    last = _LAST.index(operation.name) + 1 if operation.name in _LAST else 0
    method = _AMONG.get(operation.name, operation.method)
    depth = operation.path.count("/") if method == "DELETE" else 0
    return last, _METHODS.index(method), -depth


def _as_json(request: Request, token: str | None) -> dict[str, Any]:
    sent = httpx.Request(request.operation.method, "http://test", **request.content())
    headers = {name: sent.headers[name] for name in ("host", "content-type", "content-length") if name in sent.headers}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    body = sent.read().decode()
    return {"method": request.operation.method, "path": unquote(request.path), "headers": headers, "body": body}


def _who_may(name: str) -> Persona:
    if name in _OTHERS:
        return _OTHERS[name]
    answers = matrix.read()[name].answers[Kind.OWN]
    return next((who for who in (Persona.OWNER, *Persona) if answers[who] == "ok"), Persona.OWNER)


class Cold:
    """A fresh process, its requests one by one."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def told(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        found: dict[str, Any] = json.loads(await asyncio.wait_for(self._process.stdout.readline(), _PATIENCE))
        return found

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        return await self.told()


@asynccontextmanager
async def cold(database_url: str, **settings: str) -> AsyncIterator[Cold]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.cold"),
        env={**os.environ, "TASKAPI_DATABASE_URL": database_url, "TASKAPI_LOG_LEVEL": "error", **settings},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Cold(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


@pytest.fixture
async def world(database_url: str, quick_passwords: Passwords) -> AsyncIterator[World]:
    """Committed, for another process to see."""
    database, tables = Database(settings_for(database_url)), await connect(database_url)
    made = await build(create_app(Settings(), database, quick_passwords), tables)
    # An invitation that is accepted proves the address, and the first proof takes away what its account let in.
    await tables.execute("UPDATE users SET email_verified = true")
    yield made
    await made.close()
    await tables.close()
    await database.dispose()


async def test_no_first_request_keeps_the_loop_from_others(database_url: str, world: World) -> None:
    held, wrong = {}, {}
    async with cold(database_url) as fresh:
        await fresh.told()
        for operation in sorted(operations(world.app), key=_order):
            who = _who_may(operation.name)
            request = await valid(world, operation, who, Kind.OWN)
            answer = await fresh.ask(_as_json(request, world.tokens.get(who)))
            held[operation.name] = answer["ms"]
            if answer["status"] != operation.success:
                wrong[operation.name] = answer["status"]
    assert len(wrong) <= _REFUSED, "\n".join(f"{name}: {status}" for name, status in wrong.items())
    assert all(status < 500 for status in wrong.values()), wrong
    assert {name: ms for name, ms in held.items() if ms > _LONGEST_MS} == {}


async def test_what_start_up_made_is_kept_from_the_collector_of_garbage(database_url: str) -> None:
    async with cold(database_url) as fresh:
        start = await fresh.told()
    assert start["frozen"] > 100_000
    assert start["thresholds"] > [2_000, 10, 10]
