"""A browser's own EventSource and WebSocket hear of every change once, also through a restart of the API."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page

from tests.adversity.serving import serve

_SECONDS = 60.0
# As a page does it: a ticket for each connection, and the cursor of the last change that came.
_LISTEN = """
({ token, cursor }) => {
  window.heard = { events: [], messages: [] };
  window.connections = { events: 0, messages: 0 };
  const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
  const address = async (path, since) => {
    for (;;) {
      const answer = await fetch("/api/v1/ws/ticket", {
        method: "POST", headers: { Authorization: `Bearer ${token}` },
      }).catch(() => undefined);
      if (answer?.ok) {
        return `${path}?${new URLSearchParams({ ticket: (await answer.json()).ticket, since })}`;
      }
      await pause();
    }
  };
  const events = async (since) => {
    const source = new EventSource(await address("/api/v1/changes/stream", since));
    source.onopen = () => window.connections.events++;
    source.onmessage = (event) => {
      window.heard.events.push(JSON.parse(event.data).id);
      since = event.lastEventId;
    };
    source.onerror = async () => {
      source.close();
      await pause();
      events(since);
    };
  };
  const messages = async (since) => {
    const socket = new WebSocket(await address("/api/v1/ws", since));
    socket.onopen = () => window.connections.messages++;
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.type === "change") window.heard.messages.push(message.change.id);
      since = message.cursor ?? since;
    };
    socket.onclose = async () => {
      await pause();
      messages(since);
    };
  };
  events(cursor);
  messages(cursor);
}
"""


@pytest.fixture
async def api() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=_SECONDS) as client:
        yield client


async def test_both_go_on_through_a_restart_and_miss_nothing(
    page: Page, api: httpx.AsyncClient, browsed_database: str, tmp_path: Path
) -> None:
    with serve(browsed_database, tmp_path) as service:
        await _sign_in(api, service.url)
        cursor = (await api.get("/changes")).json()["next_cursor"]
        # Its policy lets a page connect to where it comes from.
        await page.goto(f"{service.url}/docs")
        token = api.headers["authorization"].removeprefix("Bearer ")
        await page.evaluate(_LISTEN, {"token": token, "cursor": cursor})
        await _write(api, 0, 5)
        await _heard(page, 5)
        port = service.port
    with serve(browsed_database, tmp_path, ("taskapi",), port):
        await _write(api, 5, 10)
        told = await _told(api, cursor, "LIVE-10")
        assert len(told) >= 10
        assert await _heard(page, len(told)) == {"events": told, "messages": told}
        connections = await page.evaluate("window.connections")
        assert min(connections.values()) > 1


async def _sign_in(api: httpx.AsyncClient, url: str) -> None:
    api.base_url = f"{url}/api/v1"
    account = {"username": "listener", "email": "listener@example.com", "password": "correct horse battery staple"}
    assert (await api.post("/auth/register", json=account)).status_code == 201
    form = {"username": "listener", "password": account["password"]}
    api.headers["authorization"] = f"Bearer {(await api.post('/auth/token', data=form)).json()['access_token']}"
    assert (await api.post("/projects", json={"key": "LIVE", "name": "Live"})).status_code == 201


async def _write(api: httpx.AsyncClient, first: int, end: int) -> None:
    for number in range(first, end):
        answer = await api.post("/projects/LIVE/tasks", json={"title": f"Task {number}"})
        assert answer.status_code == 201, answer.text


async def _told(api: httpx.AsyncClient, since: str, last: str) -> list[str]:
    """The ids of what GET /changes tells, once it tells of that task: others on this server may hold it up."""
    async with asyncio.timeout(_SECONDS):
        while True:
            items = (await api.get("/changes", params={"since": since})).json()["items"]
            if any(item["subject_key"] == last for item in items):
                return [item["id"] for item in items]
            await asyncio.sleep(0.1)


async def _heard(page: Page, changes: int) -> dict[str, Any]:
    """Once both have so many."""
    async with asyncio.timeout(_SECONDS):
        while True:
            heard: dict[str, Any] = await page.evaluate("window.heard")
            if min(map(len, heard.values())) >= changes:
                return heard
            await asyncio.sleep(0.1)
