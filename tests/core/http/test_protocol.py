"""Whose connection is ended, by a clock of the test's own: no machine is too slow for these seconds."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from taskapi.core import context
from taskapi.core.http.door import Door
from taskapi.core.http.protocol import PATIENCE, PatientProtocol

HEAD = b"POST / HTTP/1.1\r\nContent-Length: 1048576\r\n\r\n"
KIB = 1024


class Wire(asyncio.Transport):
    """What a socket would be: it takes what is written, or keeps so much of it as the test says."""

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair()
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2), "socket": self.ours})
        self.written = b""
        self.unread = 0
        self.is_ended = False

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.is_ended = True

    abort = close

    def is_closing(self) -> bool:
        return self.is_ended

    def get_write_buffer_size(self) -> int:
        return self.unread

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Connection:
    def __init__(self, app: Any) -> None:
        config = uvicorn.Config(app, http="httptools", lifespan="off", log_config=None)
        config.load()
        self.wire, self.now = Wire(), 1000.0
        self.protocol = PatientProtocol(Door(0, []), config=config, server_state=ServerState(), app_state={})
        self.protocol.connection_made(self.wire)

    async def say(self, data: bytes) -> None:
        self.protocol.data_received(data)
        for _ in range(3):
            await asyncio.sleep(0)

    async def wait(self, seconds: float) -> None:
        """With a look each second, as the timer has it."""
        for _ in range(round(seconds / PATIENCE.look)):
            self.now += PATIENCE.look
            self.protocol.look(self.now)
            await asyncio.sleep(0)

    async def end(self) -> None:
        self.protocol.connection_lost(None)
        self.wire.ours.close()
        self.wire.theirs.close()
        for _ in range(3):
            await asyncio.sleep(0)

    def has_ended(self) -> bool:
        return self.wire.is_ended

    def is_too_slow(self) -> bool:
        return bool(self.wire.is_ended or self.protocol.cycle.scope.get(context.TOO_SLOW))


async def swallow(_: Scope, receive: Receive, send: Send) -> None:
    """Reads all there is, and answers."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@pytest.fixture
async def connection() -> AsyncIterator[Connection]:
    made = Connection(swallow)
    yield made
    await made.end()


async def test_a_mebibyte_at_two_kilobytes_a_second_is_taken(connection: Connection) -> None:
    await connection.say(HEAD)
    for _ in range(512):
        await connection.say(b"a" * 2 * KIB)
        await connection.wait(1)
    assert connection.wire.written.startswith(b"HTTP/1.1 204")


async def test_half_a_kilobyte_a_second_is_too_slow(connection: Connection) -> None:
    await connection.say(HEAD)
    seconds = 0
    while not connection.is_too_slow():
        await connection.say(b"a" * (KIB // 2))
        await connection.wait(1)
        seconds += 1
    assert 10 <= seconds <= 13  # five seconds to begin with, of which each loses a half


async def test_who_sent_a_lot_may_pause_for_twenty_seconds_and_no_longer(connection: Connection) -> None:
    await connection.say(HEAD)
    await connection.wait(1)
    await connection.say(b"a" * 60 * KIB)
    await connection.wait(20)
    assert not connection.is_too_slow()
    await connection.wait(3)
    assert connection.is_too_slow()


async def test_a_body_has_five_seconds_to_begin(connection: Connection) -> None:
    await connection.say(HEAD)
    await connection.wait(5)
    assert not connection.is_too_slow()
    await connection.wait(2)
    assert connection.is_too_slow()


async def test_a_head_has_ten_seconds(connection: Connection) -> None:
    await connection.say(b"GET / HTTP/1.1\r\n")
    await connection.wait(10)
    assert not connection.has_ended()
    await connection.wait(2)
    assert connection.has_ended()
    assert connection.wire.written.startswith(b"HTTP/1.1 408")


async def test_a_further_head_is_not_late_while_the_request_before_it_is_answered() -> None:
    answered = asyncio.Event()

    async def wait(scope: Scope, receive: Receive, send: Send) -> None:
        await answered.wait()
        await swallow(scope, receive, send)

    connection = Connection(wait)
    await connection.say(b"GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n")
    await connection.wait(60)
    assert not connection.has_ended()
    answered.set()
    await connection.wait(20)
    assert connection.has_ended()
    await connection.end()


async def test_a_reader_of_a_kilobyte_a_second_keeps_the_connection(connection: Connection) -> None:
    await connection.say(b"GET / HTTP/1.1\r\n\r\n")
    connection.wire.unread = 200 * KIB
    for _ in range(150):
        connection.wire.unread -= 1100
        await connection.wait(1)
    assert not connection.has_ended()


async def test_a_reader_of_half_a_kilobyte_a_second_does_not(connection: Connection) -> None:
    await connection.say(b"GET / HTTP/1.1\r\n\r\n")
    connection.wire.unread = 200 * KIB
    for _ in range(35):
        connection.wire.unread -= 500
        await connection.wait(1)
    assert connection.has_ended()


def test_who_leaves_makes_room_for_another() -> None:
    door = Door(1, [])
    place = door.enter("192.0.2.1", 1)
    assert place is not None
    assert door.enter("192.0.2.1", 2) is None
    assert door.enter("192.0.2.2", 2) is not None
    door.leave(place)
    assert door.enter("192.0.2.1", 2) is not None


def test_an_ipv6_customer_is_one_address() -> None:
    door = Door(1, [])
    assert door.enter("2001:db8::1", 1) is not None
    assert door.enter("2001:db8::2", 2) is None
    assert door.enter("2001:db8:0:1::1", 2) is not None
