"""Labels, milestones and cycles of the project WEB, made through the API."""

from typing import Any

import httpx

WEB = "/api/v1/projects/WEB"


async def made(client: httpx.AsyncClient, kind: str, project: str = WEB, **body: Any) -> str:
    """The id of a new one; `kind` as its path says it."""
    answer = await client.post(f"{project}/{kind}", json=body)
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


async def label(client: httpx.AsyncClient, name: str, project: str = WEB) -> str:
    return await made(client, "labels", project, name=name, color="#d73a4a")


async def cycle(client: httpx.AsyncClient, first: str, last: str, name: str = "Sprint") -> str:
    return await made(client, "cycles", name=name, starts_on=first, ends_on=last)
