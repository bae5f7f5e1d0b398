"""The application behind a real socket in this process, and clients who listen to it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
from fastapi import FastAPI

from taskapi.changes.streams.hub import Hub
from taskapi.core.http.server import DrainingServer, configuration
from taskapi.settings import Settings
from tests.support.factory import Person

SECONDS = 30.0
"""How long a test waits for what comes at once on a quiet machine."""
Message = dict[str, Any]


@asynccontextmanager
async def served(app: FastAPI, held_by_the_kernel: int | None = None) -> AsyncIterator[str]:
    """Where it is, as host and port; its streams last for as long as somebody listens, and end before it closes.

    `held_by_the_kernel`: so many bytes of what is sent, where a test counts what waits.
    """
    app.state.hub = Hub(replace(app.state.parts, settings=Settings(changes={"stream_seconds": 3600})))
    config = configuration(app, Settings())
    config.lifespan = "off"
    config.load()
    server = DrainingServer(config)
    server.lifespan = config.lifespan_class(config)
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        if held_by_the_kernel is not None:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, held_by_the_kernel)
        await server.startup(sockets=[door])
        try:
            yield f"127.0.0.1:{door.getsockname()[1]}"
        finally:
            app.state.hub.close()
            await server.shutdown([door])


class Listener:
    """Of server-sent events, as the standard reads them."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()
        self.id = ""
        """The last one: what `Last-Event-ID` would be."""
        self.retry = 0

    async def block(self) -> Message:
        """The next lines up to an empty one, by their names; nothing at the end. Its id counts from here on."""
        found: Message = {}
        async with asyncio.timeout(SECONDS):
            async for line in self._lines:
                name, _, value = line.rstrip("\n").partition(": ")
                if not name and not value:
                    break
                found[name] = value
        self.id = found.get("id", self.id)
        self.retry = int(found.get("retry", self.retry or 0))
        return found

    async def connected(self) -> None:
        assert await self.block()

    async def next(self) -> Message:
        """The next event that a page would see: its data, and its type where it has one."""
        while "data" not in (block := await self.block()):
            assert block, "the stream has ended"
        return {"event": block.get("event"), **json.loads(block["data"])}

    async def ended(self) -> bool:
        return await self.block() == {}


@asynccontextmanager
async def listening(address: str, person: Person | str, **params: Any) -> AsyncIterator[Listener]:
    token = person if isinstance(person, str) else person.access_token
    headers = {"Authorization": f"Bearer {token}"}
    if last := params.pop("last_event_id", None):
        headers["Last-Event-ID"] = last
    options = [(socket.SOL_SOCKET, socket.SO_RCVBUF, held)] if (held := params.pop("held_by_the_kernel", None)) else []
    transport = httpx.AsyncHTTPTransport(socket_options=options)
    async with (
        httpx.AsyncClient(base_url=f"http://{address}", timeout=SECONDS, transport=transport) as client,
        client.stream("GET", "/api/v1/changes/stream", params=params, headers=headers) as response,
    ):
        if response.status_code != 200:
            await response.aread()
        yield Listener(response)
