"""The WebSocket: signed in by a ticket or by the first message, and closed when that ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from taskapi.changes.streams.hub import Hub
from taskapi.models import ProjectRole
from tests.support.answers import problem
from tests.support.api_tokens import api_token, carrying
from tests.support.factory import Factory, MadeProject
from tests.support.following import now, settled
from tests.support.listening import SECONDS, served

TICKET = "/api/v1/ws/ticket"


@pytest.fixture
async def team(live: Factory) -> MadeProject:
    return await live.project(key="WEB")


@pytest.fixture
async def address(live: Factory) -> AsyncIterator[str]:
    async with served(live.app) as where:
        yield where


class Talk:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(SECONDS):
            heard: dict[str, Any] = json.loads(await self.socket.recv())
            return heard

    async def title(self) -> str:
        told = await self.hear()
        assert told["type"] == "change", told
        return str(told["change"]["changes"]["title"][1])

    async def closed(self) -> int | None:
        async with asyncio.timeout(SECONDS):
            await self.socket.wait_closed()
        return self.socket.close_code


@asynccontextmanager
async def talking(address: str, query: str = "", **options: Any) -> AsyncIterator[Talk]:
    async with connect(f"ws://{address}/api/v1/ws{query}", **options) as socket:
        yield Talk(socket)


async def signed_in(talk: Talk, **credential: str) -> str:
    """The cursor that it begins with."""
    if credential:
        await talk.say(type="auth", **credential)
    assert await talk.hear() == {"type": "signed_in"}
    subscribed = await talk.hear()
    assert subscribed["type"] == "subscribed"
    return str(subscribed["cursor"])


async def live_in(hub: Hub) -> None:
    """Until whoever listens is told by the hub alone, and no more by pages."""
    async with asyncio.timeout(SECONDS):
        while not hub._by_project:  # noqa: ASYNC110 - nobody is told of it
            await asyncio.sleep(0.01)


async def ticket_of(client: httpx.AsyncClient) -> str:
    answer = await client.post(TICKET)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["ticket"])


async def test_it_tells_what_happens_to_whoever_signs_in(live: Factory, team: MadeProject, address: str) -> None:
    await settled(live)
    async with live.client(team.owner) as owner:
        ticket = await ticket_of(owner)
        async with talking(address, f"?ticket={ticket}") as by_ticket, talking(address) as by_token:
            await signed_in(by_ticket)
            begin = await signed_in(by_token, token=team.owner.access_token)
            await live.task(team, "One")
            await live.task(team, "Two")
            assert [await by_ticket.title(), await by_ticket.title()] == ["One", "Two"]
            told = await by_token.hear()
            assert told["change"]["kind"] == "task.created"
            await by_token.say(type="ping")
            assert {(await by_token.hear())["type"], (await by_token.hear())["type"]} == {"change", "pong"}
            await by_token.say(type="subscribe", since=told["cursor"], project="WEB")
            assert (await by_token.hear())["type"] == "subscribed"
            assert await by_token.title() == "Two"
            await by_token.say(type="subscribe", since=begin, kind=["task.deleted"])
            assert (await by_token.hear())["type"] == "subscribed"
            await owner.delete("/api/v1/tasks/WEB-1")
            assert (await by_token.hear())["change"]["kind"] == "task.deleted"


async def test_a_ticket_opens_one_socket_once_and_no_other_text_does(
    live: Factory, team: MadeProject, address: str
) -> None:
    async with live.client(team.owner) as owner, live.client() as script:
        ticket = await ticket_of(owner)
        async with talking(address, f"?ticket={ticket}") as talk:
            await signed_in(talk)
        for used in (ticket, "nonsense", team.owner.access_token):
            with pytest.raises(InvalidStatus) as refused:
                await connect(f"ws://{address}/api/v1/ws?ticket={used}")
            assert refused.value.response.status_code == 401
        of_token = await ticket_of(carrying(script, await api_token(live, team.owner, "tasks:read")))
        await owner.post("/api/v1/auth/logout")
        async with talking(address) as talk:
            await talk.say(type="auth", ticket=of_token)
            assert await talk.hear() == {"type": "signed_in"}
    async with live.client() as nobody:
        assert problem(await nobody.post(TICKET)) == (401, "unauthorized")


async def test_pages_of_other_sites_may_not_connect(address: str) -> None:
    for origin in ("https://evil.example", "null", f"https://{address}.evil.example"):
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://{address}/api/v1/ws", origin=origin)  # type: ignore[arg-type]
        assert refused.value.response.status_code == 403
        assert json.loads(refused.value.response.body or b"")["code"] == "origin_not_allowed"
    async with talking(address, origin=f"http://{address}"):
        pass


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ({"type": "auth", "token": "nonsense"}, 4401),
        ({"type": "auth"}, 4401),
        ({"type": "ping"}, 4401),
        ({"type": "shout"}, 1008),
        ({"type": "auth", "token": "x" * 70_000}, 1009),
    ],
)
async def test_whoever_does_not_sign_in_is_sent_away(first: dict[str, Any], code: int, address: str) -> None:
    async with talking(address) as talk:
        await talk.say(**first)
        assert await talk.closed() == code


async def test_what_is_asked_for_has_to_be_there(live: Factory, team: MadeProject, address: str) -> None:
    stranger = await live.user()
    async with talking(address, "?project=WEB") as talk:
        await talk.say(type="auth", token=stranger.access_token)
        assert await talk.closed() == 4404
    async with talking(address, "?since=nonsense") as talk:
        await talk.say(type="auth", token=stranger.access_token)
        assert await talk.closed() == 1008
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://{address}/api/v1/ws?token={stranger.access_token}")
    assert refused.value.response.status_code == 422


async def test_a_socket_ends_with_what_it_was_opened_by(live: Factory, team: MadeProject, address: str) -> None:
    bo = await live.member(team, ProjectRole.VIEWER)
    await settled(live)
    async with (
        live.client(team.owner) as owner,
        live.client(bo) as member,
        talking(address) as signed_out,
        talking(address, "?project=WEB") as put_out,
        talking(address) as stays,
    ):
        await signed_in(signed_out, token=bo.access_token)
        await signed_in(put_out, token=await api_token(live, bo, "tasks:read", "members:read"))
        await signed_in(stays, token=team.owner.access_token)
        await member.post("/api/v1/auth/logout")
        assert await signed_out.closed() == 4401
        await owner.delete(f"/api/v1/projects/WEB/members/{bo.id}")
        assert await put_out.closed() == 4403
        assert (await stays.hear())["change"]["kind"] == "member.removed"


async def test_who_does_not_read_is_dropped_and_who_reads_is_not(
    live: Factory, team: MadeProject, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub: Hub = live.app.state.hub
    await settled(live)
    monkeypatch.setattr("taskapi.changes.streams.subscriptions.MOST_QUEUED", 0)
    async with talking(address) as talk:
        cursor = await signed_in(talk, token=team.owner.access_token)
        await live_in(hub)
        await live.task(team, "One too many")
        assert await talk.closed() == 1013
    monkeypatch.setattr("taskapi.changes.streams.subscriptions.MOST_QUEUED", 256)
    await settled(live)
    async with talking(address, f"?since={cursor}") as talk:
        await talk.say(type="auth", token=team.owner.access_token)
        assert await talk.hear() == {"type": "signed_in"}
        assert (await talk.hear())["type"] == "subscribed"
        assert await talk.title() == "One too many"


async def test_at_a_restart_sockets_are_closed_and_told_to_come_again(
    live: Factory, team: MadeProject, address: str
) -> None:
    async with talking(address) as talk, live.client(team.owner) as owner:
        await signed_in(talk, token=team.owner.access_token)
        await now(live, owner)
        live.app.state.parts.leaving.set()
        assert await talk.closed() == 1012


async def test_so_many_streams_a_person(live: Factory, team: MadeProject, address: str) -> None:
    hub: Hub = live.app.state.hub
    async with talking(address) as talk:
        await signed_in(talk, token=team.owner.access_token)
        hub._counts[team.owner.id] = 20
        async with talking(address) as another:
            await another.say(type="auth", token=team.owner.access_token)
            assert await another.closed() == 4429
        async with live.client(team.owner) as owner:
            assert problem(await owner.get("/api/v1/changes/stream")) == (429, "too_many_streams")
        hub._counts[team.owner.id] = 1
