"""How a run ends: in peace, by a cancellation, by lost rights, or with its worker, and who hears of it."""

from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from taskapi.imports.runs import service as runs
from tests.imports.conftest import form

IMPORTS = "/api/v1/projects/WEB/imports"
MANY = "id,title\n" + "".join(f"{number},Task {number}\n" for number in range(20))


async def begin(client: httpx.AsyncClient, content: str = MANY, **said: Any) -> str:
    begun = await client.post(IMPORTS, **form(content, **said))
    assert begun.status_code == 202, begun.text
    found: str = begun.json()["id"]
    return found


async def run(app: FastAPI, import_id: str) -> None:
    await runs.run(app.state.parts.database, app.state.parts.storage, UUID(import_id))


async def read(client: httpx.AsyncClient, import_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"/api/v1/imports/{import_id}")).json()
    return found


async def stored(app: FastAPI) -> list[str]:
    return [found.key async for found in app.state.parts.storage.list("imports")]
