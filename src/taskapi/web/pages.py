"""The page behind every address that no route has: its files, and for browsers its index, whatever the address.

`app.frontend` would do half of it. It tags files by size and time, which two builds may share; it has no place for
compressed files; and an answer to /api/… that nobody has would be the page. What a router does where no route matches
is one attribute, asked after all routes and by no request that has one.
"""

from pathlib import Path
from typing import Final
from urllib.parse import quote

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from taskapi.core.errors import NotFound
from taskapi.core.http.docs import wants_html
from taskapi.core.http.preconditions import is_known
from taskapi.web import build
from taskapi.web.build import Build, Built
from taskapi.web.building import Building, absent

ASSETS: Final = "/assets/"
SHARED: Final = "/shared/"
# What is missing below these is missing: an API, a document, a script. Its problem says so to browsers, too.
NO_PAGES: Final = frozenset({"_docs", "api", "assets", "docs", "health", "metrics", "problems", "redoc"})
# A script from elsewhere, or written into the page, does not run. Components write styles into it, which harm nobody.
_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
_HEADERS: Final = {"Content-Security-Policy": _POLICY, "Cross-Origin-Opener-Policy": "same-origin"}
# The names of assets change with what is in them.
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
# Belongs to what stands in the page's place, and so to no build.
_ABSENT_SCRIPT: Final = "/absent.js"


def install(app: FastAPI, directory: Path, building: Building) -> None:
    """After all routes: two addresses alone, which programs ask for as well, are among them."""
    pages = Pages(directory, building, app.router.default)
    app.add_route("/", pages.home)
    app.add_route(f"{SHARED}{{token}}", pages.shared)
    app.router.default = pages


class Pages:
    def __init__(self, directory: Path, building: Building, otherwise: ASGIApp) -> None:
        self._directory = directory
        self._building = building
        self._otherwise = otherwise
        self._build: Build | None = build.read(directory)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # HEAD has become GET on its way in.
        is_read = scope["type"] == "http" and scope["method"] == "GET"
        answer = await self._answer(Request(scope)) if is_read else None
        await (answer or self._otherwise)(scope, receive, send)

    async def home(self, request: Request) -> Response:
        """The page, and for programs, which ask for no HTML, what is made for them."""
        if wants_html(request):
            return await self._index(request)
        return RedirectResponse("/docs", 302, {"Vary": "Accept"})

    async def shared(self, request: Request) -> Response:
        """A share link: people look at the project, and programs are sent on to read it, as all are without a page."""
        if wants_html(request) and await self._find(f"/{build.INDEX}") is not None:
            return await self._index(request)
        location = f"/api/v1{SHARED}{quote(request.path_params['token'], safe='')}"
        return RedirectResponse(location, 307, {"Vary": "Accept", "Cache-Control": "no-store"})

    async def _answer(self, request: Request) -> Response | None:
        path: str = request.scope["path"]
        if (found := await self._find(path)) is not None:
            return await _file(request, found)
        if path == _ABSENT_SCRIPT:
            headers = {**_HEADERS, "Cache-Control": _ASK_AGAIN}
            return FileResponse(Path(__file__).with_name("absent.js"), 200, headers, "text/javascript")
        return await self._index(request) if may_be_page(path) and wants_html(request) else None

    async def _index(self, request: Request) -> Response:
        found = await self._find(f"/{build.INDEX}")
        # No 200, which a cache would keep, and a monitor would take for the page.
        if found is None:
            document, seconds = absent(self._building)
            told = {"Retry-After": str(seconds), "Cache-Control": "no-store", "Vary": "Accept"}
            return HTMLResponse(document, 503, {**_HEADERS, **told})
        return await _file(request, found, {"Vary": "Accept, Accept-Encoding"})

    async def _find(self, path: str) -> Built | None:
        """Looks whether it was built anew, unless this asset is known: what is in it is in its name.

        An asset that is not may be of a build that another process of this service has spoken of.
        """
        if path.startswith(ASSETS) and self._build and (known := self._build.files.get(path)):
            return known
        stamp = build.stamp_of(self._directory)
        if stamp != (self._build and self._build.stamp):
            self._build = await run_in_threadpool(build.read, self._directory)
        return self._build.files.get(path) if self._build else None


def may_be_page(path: str) -> bool:
    """No page begins with a dotted name: browsers look for favicon.ico and .well-known/… by themselves."""
    first = path.lstrip("/").partition("/")[0]
    return "." not in first and first.lower() not in NO_PAGES


async def _file(request: Request, found: Built, headers: dict[str, str] | None = None) -> Response:
    path, etag = found.path, found.etag
    told = {**_HEADERS, "Vary": "Accept-Encoding", "Cache-Control": _ASK_AGAIN, **(headers or {})}
    if request.scope["path"].startswith(ASSETS):
        told["Cache-Control"] = _FOR_EVER
    for coding, twin in found.twins.items():
        if coding in _codings(request):
            path, etag, told["Content-Encoding"] = twin, f"{etag}-{coding}", coding
            break
    told["ETag"] = f'"{etag}"'
    if is_known(request, told["ETag"]):
        return Response(status_code=304, headers=told)
    # Whole, whatever part was asked for (RFC 9110 §14.2): files are small, and one thread reads one at once.
    try:
        content = await run_in_threadpool(path.read_bytes)
    except FileNotFoundError:
        raise NotFound("There is nothing at this address any more: the page was built anew; load it again") from None
    return Response(content, 200, told, found.media_type)


def _codings(request: Request) -> set[str]:
    """What the client can read (RFC 9110 §12.5.3); what it gives a weight of nothing it cannot."""
    sent = [item.strip().lower().partition(";") for item in request.headers.get("accept-encoding", "").split(",")]
    return {coding.strip() for coding, _, weight in sent if weight.replace(" ", "").rstrip("0") not in {"q=", "q=0."}}
