"""Files that are brought in as a client would, and run as a worker would."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from taskapi.imports.runs import service as runs
from taskapi.imports.runs.storing import Shelf

Importer = Callable[..., Awaitable[dict[str, Any]]]


def form(content: bytes | str, **said: Any) -> dict[str, Any]:
    """What a client sends: a file, and beside it fields of which the longer ones are JSON."""
    data = {"format": "csv", **said}
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in data.items()}
    body = content.encode() if isinstance(content, str) else content
    return {"data": texts, "files": {"file": ("tasks.csv", body, "text/csv")}}


async def run_import(app: FastAPI, import_id: str, **limits: int) -> None:
    """As a worker does, with other limits of files, if need be."""
    parts = app.state.parts
    shelf = Shelf(parts.storage, parts.settings.storage.model_copy(update=limits))
    await runs.run(parts.database, shelf, UUID(import_id))


@pytest.fixture
def bring(app: FastAPI, owner: httpx.AsyncClient) -> Importer:
    """`await bring(csv, mapping=…, options=…)`: into WEB, by its owner unless another client is given, to the end."""

    async def bring(content: bytes | str, *, client: httpx.AsyncClient = owner, **said: Any) -> dict[str, Any]:
        begun = await client.post("/api/v1/projects/WEB/imports", **form(content, **said))
        assert begun.status_code == 202, begun.text
        await run_import(app, begun.json()["id"])
        read: dict[str, Any] = (await client.get(begun.headers["location"])).json()
        return read

    return bring


@pytest.fixture(autouse=True)
async def _empty_storage(app: FastAPI) -> None:
    """What tests before this one have left in it, who begin imports and do not run them."""
    storage = app.state.parts.storage
    await storage.delete([found.key async for found in storage.list("imports")])
