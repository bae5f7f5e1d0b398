"""The statuses of WEB, by their keys."""

from typing import Any

import httpx

STATUSES = "/api/v1/projects/WEB/statuses"
DEFAULT = ["backlog", "todo", "in_progress", "done", "cancelled"]


async def order(client: httpx.AsyncClient, path: str = STATUSES) -> list[str]:
    """The keys from left to right, where every status has to stand in a place of its own, from 0 on."""
    items = (await client.get(f"{path}?limit=200")).json()["items"]
    assert [item["position"] for item in items] == list(range(len(items)))
    return [item["key"] for item in items]


async def status(client: httpx.AsyncClient, key: str) -> dict[str, Any]:
    [found] = [item for item in (await client.get(f"{STATUSES}?limit=200")).json()["items"] if item["key"] == key]
    answer: dict[str, Any] = found
    return answer


async def path_of(client: httpx.AsyncClient, key: str) -> str:
    return f"{STATUSES}/{(await status(client, key))['id']}"


async def add(client: httpx.AsyncClient, key: str, category: str = "started", **more: Any) -> httpx.Response:
    return await client.post(STATUSES, json={"key": key, "name": key.title(), "category": category, **more})
