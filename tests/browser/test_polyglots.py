"""Files that are two things at once, opened in a browser as people open attachments: none of them runs a script."""

import zlib
from contextlib import suppress

import httpx
import pytest
from playwright.async_api import Error, Page

from tests.adversity.serving import Service
from tests.support.factory import MadeProject
from tests.support.files import WEB_1_FILES, sent

RUN = "console.log('pwned');fetch('/pwned')"
SCRIPT = f"<script>{RUN}</script>".encode()
HTML = b"<!doctype html><html><body>" + SCRIPT + b'<img src=x onerror="' + RUN.encode() + b'"></body></html>'
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="' + RUN.encode() + b'">' + SCRIPT + b"</svg>"
XHTML = b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">' + SCRIPT + b"</html>"
XSLT = (
    b'<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#s"?><x:stylesheet id="s" version="1.0"'
    b' xmlns:x="http://www.w3.org/1999/XSL/Transform"><x:template match="/">' + SCRIPT + b"</x:template></x:stylesheet>"
)
PDF = (
    b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\('pwned'\\);)>>>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


_PIXEL = chunk(b"IHDR", b"\0\0\0\1\0\0\0\1\x08\0\0\0\0") + chunk(b"IDAT", zlib.compress(b"\0\0"))
PNG = b"\x89PNG\r\n\x1a\n" + _PIXEL
_ENDED = chunk(b"IEND", b"")
JPEG = b"\xff\xd8\xff\xfe" + (len(HTML) + 2).to_bytes(2, "big") + HTML + b"\xff\xd9"
WEBP = b"RIFF" + (len(HTML) + 4).to_bytes(4, "little") + b"WEBP" + HTML
_BODIES: dict[str, bytes] = {
    "html": HTML,
    "svg": SVG,
    "xhtml": XHTML,
    "xslt": XSLT,
    "bom": b"\xef\xbb\xbf" + HTML,
    "utf16": HTML.decode().encode("utf-16"),
    "blanks": b" \r\n\t" * 200 + HTML,
    "late": b"plain text\n" * 500 + HTML,
    "comment": b"<!--" + b" " * 2000 + b"-->" + HTML,
    "js": RUN.encode(),
    "mhtml": b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + HTML,
    "csv": b'name,"' + HTML + b'"\n',
    "json": b'{"x":"' + SCRIPT + b'"}',
    "gif": b"GIF89a/*" + b"\0" * 8 + b"*/=1;" + RUN.encode() + HTML,
    "gif text": b"GIF87a" + HTML,
    "png text": PNG + chunk(b"tEXt", b"x\0" + HTML) + _ENDED,
    "png after": PNG + _ENDED + HTML,
    "jpeg": JPEG,
    "webp": WEBP,
    "bmp": b"BM" + HTML,
    "pdf": PDF,
    "pdf html": PDF + HTML,
    "html pdf": HTML + PDF,
    "zip": b"PK\x03\x04" + HTML,
    "mp4": b"\0\0\0\x20ftypisom" + HTML,
    "ogg": b"OggS" + HTML,
}
# By names that promise something else, too.
POLYGLOTS = [
    *((f"{kind}.png", content) for kind, content in _BODIES.items()),
    *((f"a.{ending}", HTML) for ending in ("html", "htm", "xhtml", "svg", "xml", "pdf", "txt", "js", "jpg", "gif")),
    *((name, SVG) for name in ("b.svg", "b.svgz", "b.png", "b", "b.html\u202egnp", "b.png;.html")),
]


@pytest.fixture
async def heard(page: Page) -> list[str]:
    """What a script that ran has left: in the console, on the network, before the reader's eyes."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.text == "pwned" else None)
    page.on("request", lambda request: found.append(request.url) if request.url.endswith("/pwned") else None)
    page.on("dialog", lambda dialog: found.append(dialog.message))
    return found


async def test_forty_polyglots_run_nothing(
    service: Service, project: MadeProject, page: Page, heard: list[str]
) -> None:
    assert len(POLYGLOTS) >= 40
    async with httpx.AsyncClient(base_url=service.url, headers=project.owner.headers, timeout=60) as client:
        ids = []
        for start in range(0, len(POLYGLOTS), 10):
            made = await client.post(WEB_1_FILES, files=sent(*POLYGLOTS[start : start + 10]))
            assert made.status_code == 201, made.text
            ids += [item["id"] for item in made.json()["items"]]
    await page.set_extra_http_headers(project.owner.headers)
    for attachment_id in ids:
        for how in ("", "?inline=true"):
            with suppress(Error):  # it is saved, and not shown
                await page.goto(f"{service.url}/api/v1/attachments/{attachment_id}/content{how}")
    assert heard == []


async def test_they_would_run_if_they_were_pages(page: Page, heard: list[str]) -> None:
    async with page.expect_console_message(lambda message: message.text == "pwned"):
        await page.goto(f"data:text/html,{HTML.decode()}")
    assert heard
