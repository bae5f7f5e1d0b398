"""Images have previews: smaller, upright, without what the camera told; of what is too much there is none."""

import io
import zlib
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image

from taskapi.core.mail.mailers import ConsoleMailer
from taskapi.core.work.jobs import JobContext
from taskapi.tasks.attachments.jobs import draw_previews
from tests.support.answers import problem
from tests.support.files import attach

pytestmark = pytest.mark.usefixtures("task", "own_storage")
_ORIENTATION, _MAKER = 0x0112, 0x010F


def picture(kind: str, size: tuple[int, int], **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind, **options)
    return out.getvalue()


async def work(app: FastAPI, tables: Any) -> int:
    """Draw what was asked for; how many jobs that were."""
    parts = app.state.parts
    context = JobContext(parts.database, parts.settings, ConsoleMailer())
    asked = await tables.fetch("DELETE FROM jobs.pgqueuer WHERE entrypoint = 'files.preview' RETURNING payload")
    for row in asked:
        await draw_previews.perform(context, row["payload"])
    return len(asked)


def preview_of(attachment: dict[str, Any], size: str = "small") -> str:
    return f"/api/v1/attachments/{attachment['id']}/preview?size={size}"


def opened(answer: httpx.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content), formats=("WEBP",))


async def test_a_photograph_has_two_previews_that_tell_nothing_but_its_pixels(
    owner: httpx.AsyncClient, app: FastAPI, tables: Any
) -> None:
    exif = Image.Exif()
    exif[_ORIENTATION], exif[_MAKER] = 6, "Somebody's camera"
    attachment = await attach(owner, picture("JPEG", (2000, 1000), exif=exif), "photo.jpg")
    assert problem(await owner.get(preview_of(attachment))) == (404, "no_preview")
    assert await work(app, tables) == 1
    small, large = (
        opened(await owner.get(preview_of(attachment))),
        opened(await owner.get(preview_of(attachment, "large"))),
    )
    assert (small.size, large.size) == ((160, 320), (640, 1280))
    assert dict(large.getexif()) == {}
    found = await owner.get(preview_of(attachment))
    assert b"camera" not in found.content
    assert found.headers["content-type"] == "image/webp"
    assert found.headers["content-security-policy"].startswith("sandbox")
    assert found.headers["etag"] == f'"{attachment["sha256"]}-small"'
    unread = await owner.get(preview_of(attachment), headers={"If-None-Match": found.headers["etag"]})
    assert unread.status_code == 304
    copy = (await owner.post("/api/v1/tasks/WEB-1/duplicate", json={})).json()
    [copied] = (await owner.get(f"/api/v1/tasks/{copy['key']}/attachments")).json()["items"]
    assert (await owner.get(preview_of(copied))).content == found.content


async def test_a_small_picture_is_not_made_larger(owner: httpx.AsyncClient, app: FastAPI, tables: Any) -> None:
    attachment = await attach(owner, picture("PNG", (20, 10)))
    assert await work(app, tables) == 1
    assert opened(await owner.get(preview_of(attachment, "large"))).size == (20, 10)


def _claims(width: int, height: int) -> bytes:
    """A PNG of some bytes that says to be so large."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\0\0\0\0"
    body = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


async def test_what_cannot_be_drawn_has_none(owner: httpx.AsyncClient, app: FastAPI, tables: Any) -> None:
    whole = picture("PNG", (300, 300))
    found = [
        await attach(owner, content, "a.png")
        for content in (_claims(10_000, 5_001), b"\x89PNG\r\n\x1a\nnothing", whole[: len(whole) // 2])
    ]
    assert await work(app, tables) == 3
    for attachment in found:
        assert problem(await owner.get(preview_of(attachment))) == (404, "no_preview")


async def test_what_is_no_image_is_never_drawn(owner: httpx.AsyncClient, app: FastAPI, tables: Any) -> None:
    text = await attach(owner, b"plain", "a.png")
    assert await work(app, tables) == 0
    assert problem(await owner.get(preview_of(text))) == (404, "no_preview")
    assert problem(await owner.get(preview_of(text, "huge"))) == (422, "validation_error")


async def test_what_is_gone_is_not_drawn(owner: httpx.AsyncClient, app: FastAPI, tables: Any) -> None:
    await attach(owner, picture("PNG", (20, 10)))
    storage = app.state.parts.storage
    await storage.delete([found.key async for found in storage.list("attachments")])
    assert await work(app, tables) == 1
    assert [found async for found in storage.list("previews")] == []
