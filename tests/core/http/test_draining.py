"""A process that leaves answers everybody who came in time, and tells them to go elsewhere next."""

import asyncio
import os
import socket
from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from taskapi.core.http.server import DrainingServer, configuration
from taskapi.settings import Environment, Settings

_ALIVE = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def door() -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        yield listener


@pytest.fixture
async def leaver(app: FastAPI, door: socket.socket) -> DrainingServer:
    """As uvicorn starts it, without its lifespan: the application is everybody's."""
    config = configuration(app, Settings())
    config.lifespan = "off"
    config.load()
    server = DrainingServer(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[door])
    return server


async def test_who_stands_before_the_door_when_it_closes_is_answered(
    leaver: DrainingServer, door: socket.socket
) -> None:
    with socket.create_connection(door.getsockname()) as late:  # nobody waits: the loop cannot have let it in
        late.sendall(_ALIVE)
        await leaver.shutdown([door])
        late.settimeout(10)
        assert late.recv(1000).startswith(b"HTTP/1.1 200 ")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(late.getpeername())


async def test_a_request_that_comes_while_its_kept_connection_is_closed_is_answered(
    leaver: DrainingServer, door: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = await asyncio.open_connection(*door.getsockname())
    other, others = await asyncio.open_connection(*door.getsockname())
    for stream, sink in ((reader, writer), (other, others)):
        sink.write(_ALIVE)
        await stream.readuntil(b"\r\n\r\n")
    late: socket.socket = writer.get_extra_info("socket")
    close_idle = leaver._close_idle

    async def at_that_moment() -> None:
        os.write(late.fileno(), _ALIVE)  # past the loop, which has no turn before it closes
        await close_idle()

    monkeypatch.setattr(leaver, "_close_idle", at_that_moment)
    await leaver.shutdown([door])
    rest = await reader.read()
    assert b"HTTP/1.1 200 " in rest
    assert b"HTTP/1.1" not in await other.read(), "who asks nothing is let go"
    for sink in (writer, others):
        sink.close()


async def test_the_door_is_open_for_as_long_as_the_balancers_need(leaver: DrainingServer, door: socket.socket) -> None:
    leaver._drain_seconds = 60
    leaver.should_exit = True
    leaving = asyncio.create_task(leaver.main_loop())
    for _ in range(3):
        reader, writer = await asyncio.open_connection(*door.getsockname())
        writer.write(_ALIVE)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" in head
        writer.close()
    assert not leaving.done()
    leaver.force_exit = True  # Ctrl-C, once more
    await asyncio.wait_for(leaving, 30)
    await leaver.shutdown([door])


def test_by_default_production_waits_for_balancers_and_nobody_else_does() -> None:
    assert Settings(environment=Environment.PRODUCTION).drain_seconds == 5
    assert Settings().drain_seconds == 0
    assert Settings(environment=Environment.PRODUCTION, server={"drain_seconds": 0}).drain_seconds == 0
