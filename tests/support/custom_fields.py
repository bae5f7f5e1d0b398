"""Custom fields of WEB, one of each type."""

from typing import Any

import httpx

FIELDS = "/api/v1/projects/WEB/fields"
LEVELS = [{"name": "Low"}, {"name": "High", "color": "#d73a4a"}, {"name": "Very high"}]


async def add(client: httpx.AsyncClient, key: str, type_: str = "text", path: str = FIELDS, **more: Any) -> str:
    """Its path."""
    if "select" in type_:
        more.setdefault("options", LEVELS)
    made = await client.post(path, json={"key": key, "name": key.title(), "type": type_, **more})
    assert made.status_code == 201, made.text
    return made.headers["location"]


async def add_one_of_each(client: httpx.AsyncClient) -> None:
    for type_ in ("text", "number", "date", "select", "multi_select", "user", "url", "checkbox"):
        await add(client, f"a_{type_}", type_)
