"""What the tests of undo ask for again and again."""

from typing import Any

import httpx

from tests.changes.lives import call, ok


async def changes(client: httpx.AsyncClient, path: str, kind: str | None = None) -> list[dict[str, Any]]:
    """Of a task or project, the newest first."""
    found: list[dict[str, Any]] = (
        await client.get(f"/api/v1{path}/history", params={"limit": 200, **({"kind": kind} if kind else {})})
    ).json()["items"]
    return found


async def last(client: httpx.AsyncClient, path: str, kind: str | None = None) -> dict[str, Any]:
    return (await changes(client, path, kind))[0]


async def revert(client: httpx.AsyncClient, change: dict[str, Any]) -> list[dict[str, Any]]:
    """The changes that came of it."""
    found: list[dict[str, Any]] = (await ok(client, "POST", f"/changes/{change['id']}/revert"))["items"]
    return found


async def refused(client: httpx.AsyncClient, change: dict[str, Any]) -> httpx.Response:
    return await call(client, "POST", f"/changes/{change['id']}/revert")


async def revert_batch(client: httpx.AsyncClient, change: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await ok(client, "POST", f"/changes/batches/{change['batch_id']}/revert"))["items"]
    return found
