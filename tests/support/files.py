"""Files of tests: what is sent, and what the storage has."""

from typing import Any

import httpx
from fastapi import FastAPI

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 16
WEB_1_FILES = "/api/v1/tasks/WEB-1/attachments"


def sent(*files: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    """For httpx: each a part with the name `file`."""
    return [("file", (name, content)) for name, content in files]


async def attach(
    client: httpx.AsyncClient, content: bytes = PNG, name: str = "view1.png", path: str = WEB_1_FILES
) -> dict[str, Any]:
    made = await client.post(path, files=sent((name, content)))
    assert made.status_code == 201, made.text
    [item] = made.json()["items"]
    found: dict[str, Any] = item
    return found


async def attach_as_browsers_do(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    """With the name as browsers send it: raw, but for quotes and what ends a line. A backslash is doubled."""
    escaped = name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    body = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{escaped}"\r\n\r\nx\r\n--b--\r\n'
    head = {"Content-Type": "multipart/form-data; boundary=b"}
    made = await client.post(WEB_1_FILES, content=body.encode(), headers=head)
    assert made.status_code == 201, made.text
    [item] = made.json()["items"]
    found: dict[str, Any] = item
    return found


def content_of(attachment: dict[str, Any]) -> str:
    return f"/api/v1/attachments/{attachment['id']}/content"


async def stored(app: FastAPI) -> set[str]:
    """The keys of what the storage has of attachments."""
    return {found.key async for found in app.state.parts.storage.list("attachments")}
