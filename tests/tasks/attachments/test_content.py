"""Files are read again: whole, in part or not at all, and whatever is in them, no browser runs it."""

import hashlib
from typing import Final
from urllib.parse import unquote

import httpx
import pytest

from tests.support.answers import problem
from tests.support.files import PNG, WEB_1_FILES, attach, attach_as_browsers_do, content_of, sent

pytestmark = pytest.mark.usefixtures("task", "own_storage")
CONTENT = bytes(range(100))


_RANGES: Final = (
    ("bytes=0-9", 206, "bytes 0-9/100", CONTENT[:10]),
    ("bytes=90-", 206, "bytes 90-99/100", CONTENT[90:]),
    ("bytes=-5", 206, "bytes 95-99/100", CONTENT[95:]),
    ("bytes=-500", 206, "bytes 0-99/100", CONTENT),
    ("bytes=50-5000", 206, "bytes 50-99/100", CONTENT[50:]),
    ("bytes=99-99", 206, "bytes 99-99/100", CONTENT[99:]),
    ("bytes=0-1,5-6", 200, None, CONTENT),
    ("bytes=5-1", 200, None, CONTENT),
    ("bytes=-", 200, None, CONTENT),
    ("lines=1-2", 200, None, CONTENT),
    ("bytes=" + "9" * 500 + "-", 200, None, CONTENT),
)


async def test_one_range_is_given(owner: httpx.AsyncClient) -> None:
    path = content_of(await attach(owner, CONTENT))
    for asked, status, told, content in _RANGES:
        found = await owner.get(path, headers={"Range": asked})
        got = (found.status_code, found.headers.get("content-range"), found.content)
        assert got == (status, told, content), asked
        assert found.headers["content-length"] == str(len(content))


async def test_a_range_behind_the_end_is_refused(owner: httpx.AsyncClient) -> None:
    path = content_of(await attach(owner, CONTENT))
    for asked in ("bytes=100-", "bytes=100-200", "bytes=-0"):
        refused = await owner.get(path, headers={"Range": asked})
        assert problem(refused) == (416, "range_not_satisfiable"), asked
        assert refused.headers["content-range"] == "bytes */100"


async def test_the_etag_is_of_the_content(owner: httpx.AsyncClient) -> None:
    attachment = await attach(owner, CONTENT)
    path, etag = content_of(attachment), f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    found = await owner.get(path)
    assert (found.headers["etag"], found.headers["accept-ranges"]) == (etag, "bytes")
    unread = await owner.get(path, headers={"If-None-Match": etag})
    assert (unread.status_code, unread.content) == (304, b"")
    part = {"Range": "bytes=0-9"}
    assert (await owner.get(path, headers={**part, "If-Range": etag})).status_code == 206
    assert (await owner.get(path, headers={**part, "If-Range": '"another"'})).status_code == 200
    await owner.patch(f"/api/v1/attachments/{attachment['id']}", json={"name": "another"})
    assert (await owner.get(path)).headers["etag"] == etag


async def test_head_tells_without_reading(owner: httpx.AsyncClient) -> None:
    path = content_of(await attach(owner, CONTENT))
    told = await owner.head(path)
    assert (told.status_code, told.content, told.headers["content-length"]) == (200, b"", "100")
    told = await owner.head(path, headers={"Range": "bytes=0-9"})
    assert (told.status_code, told.headers["content-length"]) == (206, "10")


async def test_it_comes_in_a_sandbox_to_be_saved(owner: httpx.AsyncClient) -> None:
    attachment = await attach(owner, PNG, 'Ärger "1"; x=.png')
    found = (await owner.get(content_of(attachment))).headers
    assert found["content-security-policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert found["x-content-type-options"] == "nosniff"
    assert found["cross-origin-resource-policy"] == "same-origin"
    assert found["cache-control"] == "private, no-cache"
    how, _, name = found["content-disposition"].partition("; filename*=UTF-8''")
    assert (how, unquote(name)) == ("attachment", 'Ärger "1"; x=.png')
    assert name.isascii()
    assert '"' not in name


_SHOWN: Final = (
    (PNG, "a.png", True),
    (b"%PDF-1.7\n", "a.pdf", True),
    (b"%PDF-1.7\n" + b" " * 70_000 + b"/S/JavaScript/JS(app.alert(1))", "a.pdf", False),
    (b"GIF89a<script>", "a.gif", True),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png", False),
    (b"<!doctype html>", "a.html", False),
    (b"plain", "a.txt", False),
    (PNG, "a.html", False),
)


async def test_only_pictures_and_pdf_are_shown(owner: httpx.AsyncClient) -> None:
    for content, name, inline in _SHOWN:
        path = content_of(await attach(owner, content, name))
        found = await owner.get(path, params={"inline": "true"})
        assert found.headers["content-disposition"].startswith("inline" if inline else "attachment"), name
        assert found.headers["content-security-policy"].startswith("sandbox")
        assert (await owner.get(path)).headers["content-disposition"].startswith("attachment")


_TYPES: Final = (
    (PNG, "a", "image/png"),
    (b"\xff\xd8\xff\xe0", "a.png", "image/jpeg"),
    (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a", "image/webp"),
    (b"RIFF\x00\x00\x00\x00WAVEfmt ", "a", "audio/wav"),
    (b"\x00\x00\x00\x20ftypavif", "a", "image/avif"),
    (b"\x00\x00\x00\x20ftypisom", "a", "video/mp4"),
    (b"PK\x03\x04....", "a.zip", "application/zip"),
    (
        b"PK\x03\x04....",
        "A.DOCX",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls", "application/vnd.ms-excel"),
    (b"\x1f\x8b\x08\x00", "a.tgz", "application/gzip"),
    (b"a,b\n1,2\n", "a.csv", "text/csv; charset=utf-8"),
    (b"a,b\n1,2\n", "a.png", "text/plain; charset=utf-8"),
    ("ä".encode() * 3000, "a", "text/plain; charset=utf-8"),
    (b"x" + "ä".encode() * 3000, "a", "text/plain; charset=utf-8"),
    (b"\xe4rger", "a.txt", "application/octet-stream"),
    (b"a\x00b", "a.txt", "application/octet-stream"),
    (b"\xef\xbb\xbf \n<html>", "a.txt", "application/octet-stream"),
    (b"alert(1)", "a.js", "application/octet-stream"),
    (b"", "a.png", "application/octet-stream"),
    (b"\x01\x02\x03", "a", "application/octet-stream"),
)


async def test_the_bytes_tell_what_it_is(owner: httpx.AsyncClient) -> None:
    for content, name, media_type in _TYPES:
        attachment = await attach(owner, content, name)
        assert attachment["media_type"] == media_type, (content, name)
        assert (await owner.get(content_of(attachment))).headers["content-type"] == media_type


_NAMES: Final = (
    ("../../etc/passwd", "passwd"),
    ("..\\..\\windows\\win.ini", "win.ini"),
    ("C:\\boot.ini", "boot.ini"),
    ("/absolute", "absolute"),
    ("a/../b", "b"),
    ("a/", "unnamed"),
    ("", "unnamed"),
    (".", "unnamed"),
    ("..", "unnamed"),
    ("...", "unnamed"),
    (" ", "unnamed"),
    ("\x00", "unnamed"),
    ("a\x00.png", "a.png"),
    ("a\r\nSet-Cookie: x=y", "aSet-Cookie: x=y"),
    ("a\tb", "ab"),
    ("a\x7fb\x9fc", "abc"),
    ("annexe\u202egnp.exe", "annexegnp.exe"),
    ("\u2066a\u2069", "a"),
    ("\ufeffa", "a"),
    ("a\u200bb", "ab"),
    ("a\u2028b", "ab"),
    ("a\ud800b".encode("utf-8", "surrogatepass").decode("utf-8", "replace"), "a\ufffd\ufffd\ufffdb"),
    ("A\u0308rger.txt", "Ärger.txt"),
    ("CON", "CON"),
    ("NUL.txt", "NUL.txt"),
    (".htaccess", ".htaccess"),
    ("a" * 300 + ".png", "a" * 251 + ".png"),
    ("ä" * 300, "ä" * 127),
    ("x." + "y" * 300, "x." + "y" * 253),
    ('a"b.txt', 'a"b.txt'),
    ("a;b='c'.txt", "a;b='c'.txt"),
    ("%2e%2e%2fa", "%2e%2e%2fa"),
    ("\U0001f468\u200d\U0001f469\u200d\U0001f467.png", "\U0001f468\u200d\U0001f469\u200d\U0001f467.png"),
    ("<script>.png", "<script>.png"),
)


async def test_a_name_leads_nowhere(owner: httpx.AsyncClient) -> None:
    for given, name in _NAMES:
        attachment = await attach_as_browsers_do(owner, given)
        assert attachment["name"] == name
        found = await owner.head(content_of(attachment))
        assert unquote(found.headers["content-disposition"].partition("''")[2]) == name


async def test_a_file_larger_than_a_piece_comes_back(owner: httpx.AsyncClient) -> None:
    content = bytes(range(256)) * 10_000
    attachment = await attach(owner, content, "large")
    assert (await owner.get(content_of(attachment))).content == content
    part = await owner.get(content_of(attachment), headers={"Range": "bytes=1000000-2000000"})
    assert part.content == content[1_000_000:2_000_001]


async def test_the_same_file_may_be_attached_twice(owner: httpx.AsyncClient) -> None:
    made = await owner.post(WEB_1_FILES, files=sent(("a", b"x"), ("a", b"x")))
    first, second = made.json()["items"]
    assert first["id"] != second["id"]
    await owner.delete(f"/api/v1/attachments/{first['id']}")
    assert (await owner.get(content_of(second))).content == b"x"
