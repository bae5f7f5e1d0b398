"""The page is served beside the API: files compressed beforehand and kept, deep links, and no address lost to it."""

import gzip
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI

from taskapi.core.observing import logs
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings
from taskapi.web import build
from taskapi.web.pages import may_be_page
from tests.support.answers import problem
from tests.support.databases import RolledBackDatabase
from tests.support.factory import Factory

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
INDEX = '<!doctype html><title>taskapi</title><script type="module" src="/assets/index-1a2b.js"></script>'
SCRIPT = "console.log('here');" * 50
POLICY = {
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "font-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
}


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """As a build leaves it; the `.br` holds what nobody decodes here."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "assets" / "index-1a2b.js").write_text(SCRIPT)
    (dist / "assets" / "index-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (dist / "assets" / "index-1a2b.js.br").write_bytes(b"brotli")
    (dist / "assets" / "font.woff2").write_bytes(b"\0font")
    (dist / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (dist / "index.html").write_text(INDEX)
    (tmp_path / "secret.txt").write_text("not yours")
    return dist


@pytest.fixture
def served(dist: Path, shared_database: RolledBackDatabase, quick_passwords: Passwords) -> FastAPI:
    return create_app(Settings(), shared_database, quick_passwords, dist=dist)


@pytest.fixture
async def browser(served: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with Factory(served).client() as client:
        client.headers.update({**BROWSER, "Accept-Encoding": "identity"})
        yield client


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/sign-in", "/verify-email?token=abc", "/invitations/accept?token=abc", "/shared/abc"),
        *("/projects/WEB/board", "/tasks/WEB-1", "/settings/profile", "/oidc/complete", "/projects/"),
        *("/apis", "/documents", "/assetsx", "/index.html"),
    ],
)
async def test_every_address_of_the_page_is_the_page(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


async def test_the_page_runs_no_script_but_its_own(browser: httpx.AsyncClient) -> None:
    for path in ("/sign-in", "/assets/index-1a2b.js"):
        headers = (await browser.get(path)).headers
        assert set(headers["content-security-policy"].split("; ")) == POLICY
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        *("/api", "/api/", "/API/v1/nope", "/api/v1/nope", "/api/v2/tasks", "/docs/nope", "/redoc/", "/_docs/nope.js"),
        *("/problems/nope", "/health/nope", "/metrics/nope", "/openapi.json/"),
        *(
            "/assets/missing.js",
            "/assets/",
            "/assets",
            "/assets/index-1a2b.js.map",
            "/robots.txt",
            "/.well-known/change-password",
        ),
    ],
)
async def test_what_is_missing_is_missing_for_browsers_too(browser: httpx.AsyncClient, path: str) -> None:
    assert problem(await browser.get(path)) == (404, "not_found")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "image/avif,image/webp,*/*;q=0.8", ""])
async def test_who_asks_for_no_page_gets_none(browser: httpx.AsyncClient, accept: str) -> None:
    assert problem(await browser.get("/projects/WEB/board", headers={"Accept": accept})) == (404, "not_found")
    home = await browser.get("/", headers={"Accept": accept})
    assert (home.status_code, home.headers["location"]) == (302, "/docs")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_the_page_is_read_and_nothing_else(browser: httpx.AsyncClient, method: str) -> None:
    for path in ("/sign-in", "/assets/index-1a2b.js", "/api/v1/nope"):
        assert problem(await browser.request(method, path)) == (404, "not_found")
    refused = await browser.request(method, "/")
    assert refused.headers["allow"] == "GET, HEAD, OPTIONS"
    assert refused.status_code == (204 if method == "OPTIONS" else 405)


async def test_a_route_tells_its_own_methods_alone(browser: httpx.AsyncClient) -> None:
    refused = await browser.delete("/api/v1/auth/login")
    assert problem(refused) == (405, "method_not_allowed")
    assert refused.headers["allow"] == "OPTIONS, POST"


async def test_heads_are_those_of_the_answers(browser: httpx.AsyncClient) -> None:
    for path in ("/sign-in", "/assets/index-1a2b.js", "/favicon.svg"):
        asked, head = await browser.get(path), await browser.head(path)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-length", "content-type", "etag", "cache-control"):
            assert head.headers[name] == asked.headers[name]


async def test_assets_are_kept_for_ever(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/assets/index-1a2b.js", headers={"Accept": "*/*"})
    assert (answer.status_code, answer.text) == (200, SCRIPT)
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await browser.get("/favicon.svg")).headers["cache-control"] == "no-cache"
    assert (await browser.get("/assets/font.woff2")).headers["content-type"] == "font/woff2"


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("br;q=0, gzip;q=0.1", "gzip"),
        ("br; q=0.0, gzip;q=0", None),
        ("identity", None),
        ("deflate, zstd", None),
        ("", None),
    ],
)
async def test_what_was_compressed_goes_to_who_can_read_it(
    served: FastAPI, accepted: str, sent: str | None, dist: Path
) -> None:
    headers = {"Accept-Encoding": accepted}
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url="http://test") as client,
        client.stream("GET", "/assets/index-1a2b.js", headers=headers) as answer,
    ):
        body = b"".join([chunk async for chunk in answer.aiter_raw()])
    suffix = {"br": ".br", "gzip": ".gz", None: ""}[sent]
    assert body == (dist / "assets" / f"index-1a2b.js{suffix}").read_bytes()
    assert answer.headers.get("content-encoding") == sent
    assert int(answer.headers["content-length"]) == len(body)
    assert "Accept-Encoding" in answer.headers["vary"]


async def test_what_a_browser_has_is_not_sent_again(browser: httpx.AsyncClient, dist: Path) -> None:
    for path in ("/sign-in", "/assets/index-1a2b.js"):
        first = await browser.get(path)
        same = {"If-None-Match": first.headers["etag"]}
        again = await browser.get(path, headers=same)
        assert (again.status_code, again.content) == (304, b"")
        for name in ("etag", "cache-control", "vary", "content-security-policy"):
            assert again.headers[name] == first.headers[name]
        assert (await browser.get(path, headers={"If-None-Match": '"other"'})).status_code == 200
    compressed = await browser.get("/assets/index-1a2b.js", headers={**same, "Accept-Encoding": "gzip"})
    assert (compressed.status_code, compressed.text) == (200, SCRIPT)


async def test_a_file_that_a_new_build_took_away_is_missing(browser: httpx.AsyncClient, dist: Path) -> None:
    (dist / "assets" / "font.woff2").unlink()
    assert problem(await browser.get("/assets/font.woff2")) == (404, "not_found")


@pytest.mark.parametrize("asked", ["bytes=0-9", "bytes=9999999-", "nonsense", "bytes=5-1"])
async def test_a_part_is_answered_with_the_whole(browser: httpx.AsyncClient, asked: str) -> None:
    answer = await browser.get("/assets/index-1a2b.js", headers={"Range": asked})
    assert (answer.status_code, answer.text) == (200, SCRIPT)


async def test_another_build_has_another_tag_and_is_served_at_once(browser: httpx.AsyncClient, dist: Path) -> None:
    """Only the names of assets change in an index: its size stays, and a build by the clock of an image its time."""
    first = await browser.get("/sign-in")
    then = (dist / "index.html").stat()
    other = INDEX.replace("1a2b", "3c4d")
    (dist / "assets" / "index-3c4d.js").write_text("new")
    (dist / "new.html").write_text(other)
    os.utime(dist / "new.html", ns=(then.st_atime_ns, then.st_mtime_ns))
    (dist / "new.html").rename(dist / "index.html")
    answer = await browser.get("/sign-in", headers={"If-None-Match": first.headers["etag"]})
    assert (answer.status_code, answer.text) == (200, other)
    assert (await browser.get("/assets/index-3c4d.js")).text == "new"


async def test_an_asset_that_only_another_process_has_spoken_of_is_found(
    browser: httpx.AsyncClient, dist: Path
) -> None:
    """`serve --workers 4`: one of them has answered with the new index, and this one is asked for what it names."""
    (dist / "assets" / "index-3c4d.js").write_text("new")
    (dist / "new.html").write_text(INDEX.replace("1a2b", "3c4d"))
    (dist / "new.html").rename(dist / "index.html")
    answer = await browser.get("/assets/index-3c4d.js", headers={"Accept": "*/*"})
    assert (answer.status_code, answer.text) == (200, "new")


def test_a_build_that_is_taken_away_while_it_is_read_is_none(dist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as taking:
        taking.setattr(Path, "read_bytes", lambda path: path.with_name("gone").open("rb").read())
        assert build.read(dist) is None
    found = build.read(dist)
    assert found is not None
    assert "/index.html" in found.files


@pytest.mark.parametrize(
    "path",
    [
        *("/assets/../../secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets//etc/passwd"),
        *("/%2fetc%2fpasswd", "/assets/%00", "/assets/" + "a" * 3000, "/assets/%C3%A9"),
    ],
)
async def test_nothing_else_of_the_disk_is_served(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(httpx.URL("http://test").copy_with(raw_path=path.encode()), headers={"Accept": "*/*"})
    assert problem(answer) == (404, "not_found")
    assert "not yours" not in answer.text


async def test_a_compressed_form_has_no_address(browser: httpx.AsyncClient) -> None:
    assert problem(await browser.get("/assets/index-1a2b.js.gz", headers={"Accept": "*/*"})) == (404, "not_found")


async def test_an_installation_without_its_page_says_so(browser: httpx.AsyncClient, dist: Path) -> None:
    (dist / "index.html").unlink()
    for path in ("/", "/projects/WEB/board"):
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert answer.headers["cache-control"] == "no-store"
        assert "make web" in answer.text
        assert 'href="/docs"' in answer.text
        assert set(answer.headers["content-security-policy"].split("; ")) == POLICY
    assert (await browser.get("/docs")).status_code == 200
    assert problem(await browser.get("/api/v1/nope")) == (404, "not_found")
    assert (await browser.get("/", headers={"Accept": "*/*"})).headers["location"] == "/docs"
    script = await browser.get("/absent.js", headers={"Accept": "*/*"})
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert (script.headers["cache-control"], script.headers["x-content-type-options"]) == ("no-cache", "nosniff")
    assert 'src="/absent.js"' in answer.text
    (dist / "index.html").write_text(INDEX)
    assert (await browser.get("/")).text == INDEX


async def test_what_was_there_is_there(browser: httpx.AsyncClient) -> None:
    for path in ("/docs", "/redoc", "/problems", "/problems/not_found", "/openapi.json", "/health/live"):
        answer = await browser.get(path)
        assert answer.status_code == 200
        assert answer.text != INDEX
    assert (await browser.get("/api/v1/notifications/unsubscribe?token=x")).text != INDEX


def test_no_first_step_of_a_route_may_be_a_page(
    quick_passwords: Passwords, shared_database: RolledBackDatabase
) -> None:
    """A browser that mistypes an address of the API is told, and not shown a page."""
    app = create_app(Settings(), shared_database, quick_passwords)
    paths = {getattr(route, "path", "") for route in app.routes}
    assert {path for path in paths if may_be_page(path)} == {"/", "/shared/{token}"}


async def test_a_share_link_is_a_page_for_people_and_leads_programs_on(
    browser: httpx.AsyncClient, served: FastAPI, tables: Any, dist: Path
) -> None:
    make = Factory(served)
    project = await make.project(key="WEB")
    async with make.client(project.owner) as owner:
        link = (await owner.post("/api/v1/projects/WEB/share-links", json={})).json()
    path = urlsplit(link["url"]).path
    assert (await browser.get(path)).text == INDEX
    led = await browser.get(path, headers={"Accept": "application/json"}, follow_redirects=True)
    assert [answer.status_code for answer in [*led.history, led]] == [307, 200]
    assert led.json()["key"] == "WEB"
    (dist / "index.html").unlink()
    assert (await browser.get(path)).headers["location"] == f"/api/v1/shared/{link['token']}"
    odd = await browser.get("/shared/a%3Fb%0D%0A")
    assert odd.headers["location"] == "/api/v1/shared/a%3Fb%0D%0A"


async def test_what_an_address_of_the_page_holds_is_logged_nowhere(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Mapping[str, object]] = []
    monkeypatch.setattr(logs.access_log, "tell", lambda fields, _: told.append(fields))
    for path in ("/shared/c2VjcmV0", "/reset-password?token=c2VjcmV0", "/invitations/accept?token=c2VjcmV0"):
        assert (await browser.get(path)).headers["referrer-policy"] == "no-referrer"
    assert [fields["path"] for fields in told] == ["/shared/…", "/reset-password", "/invitations/accept"]
    assert "c2VjcmV0" not in f"{told}"
