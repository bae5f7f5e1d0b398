"""How a run ends: in peace, by a cancellation, by lost rights, or with its worker, and who hears of it."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from taskapi.automation.runs.reactions import ACTING
from taskapi.core.change_log.tail import Tail
from taskapi.imports import service
from taskapi.imports.batches import service as batches
from taskapi.imports.runs import service as runs
from taskapi.models import ProjectRole
from taskapi.notifications.reactions import READER as NOTIFYING
from taskapi.webhooks.reactions import READER as WEBHOOKS
from tests.conftest import ClientFor
from tests.imports.conftest import Importer, form
from tests.support.answers import problem
from tests.support.api_tokens import wanted
from tests.support.factory import Factory, MadeProject
from tests.support.readers import read_all

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
