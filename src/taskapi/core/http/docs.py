"""/docs and /redoc from our own assets, without the internet, under a policy of their own; and the problem pages."""

import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Final

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html, get_swagger_ui_oauth2_redirect_html
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from taskapi.core.errors import AppError, NotFound, every_error
from taskapi.core.http.preconditions import not_modified

_ASSETS: Final = "/_docs"
_REDOC_SCRIPT: Final = f"{_ASSETS}/redoc.standalone.js"
_OAUTH_REDIRECT: Final = "/docs/oauth2-redirect"
_STATIC: Final = Path(fastapi_offline.__file__).parent / "static"
# ReDoc asks its maker's server for a logo, and does without one where that fails.
_LOGO: Final = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
_NO_LOGO: Final = b"data:,"
_BY_ACCEPT: Final = {"Vary": "Accept"}
_INLINE_SCRIPT: Final = re.compile(r"<script[^>]*>(.*?)</script>", re.DOTALL)
# Swagger UI starts from an inline script, which is allowed by its hash, and styles itself inline, as ReDoc does; the
# pages fetch from us alone.
_POLICY: Final = (
    "default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def install(app: FastAPI) -> None:
    app.add_route(_REDOC_SCRIPT, _redoc_script)
    app.mount(_ASSETS, StaticFiles(directory=_STATIC), name="docs-assets")
    app.add_route("/docs", _swagger_ui)
    app.add_route(_OAUTH_REDIRECT, _oauth_redirect)
    app.add_route("/redoc", _redoc)
    app.add_route("/problems", _problems)
    app.add_route("/problems/{code}", _problem)


async def _swagger_ui(request: Request) -> Response:
    return _page(
        get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=f"{request.app.title}: Swagger UI",
            swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{_ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{_ASSETS}/favicon.png",
            oauth2_redirect_url=_OAUTH_REDIRECT,
            swagger_ui_parameters={
                # True would keep tokens in the browser's storage, where they outlive the tab.
                "persistAuthorization": False,
                "displayRequestDuration": True,
                "filter": True,
                "validatorUrl": None,
                "docExpansion": "list",
                "defaultModelsExpandDepth": 0,
            },
        )
    )


async def _oauth_redirect(_: Request) -> Response:
    return _page(get_swagger_ui_oauth2_redirect_html())


async def _redoc(request: Request) -> Response:
    return _page(
        get_redoc_html(
            openapi_url="/openapi.json",
            title=f"{request.app.title}: ReDoc",
            redoc_js_url=_REDOC_SCRIPT,
            redoc_favicon_url=f"{_ASSETS}/favicon.png",
            with_google_fonts=False,
        )
    )


async def _redoc_script(request: Request) -> Response:
    """ReDoc, without its logo of elsewhere; read anew each time, for a megabyte in memory serves nobody."""
    script = (await run_in_threadpool(Path.read_bytes, _STATIC / Path(_REDOC_SCRIPT).name)).replace(_LOGO, _NO_LOGO)
    etag = f'"{sha256(script).hexdigest()[:16]}"'
    return not_modified(request, Response(script, 200, {"ETag": etag}, "text/javascript"))


async def _problems(request: Request) -> Response:
    if wants_html(request):
        items = (f'<li><a href="{_type(e)}">{e.code}</a>: {e.status} {escape(e.title)}</li>' for e in every_error())
        return _html("Problems", f"<ul>{''.join(items)}</ul>")
    listed = [{"type": _type(e), "code": e.code, "title": e.title, "status": e.status} for e in every_error()]
    return JSONResponse(listed, headers=_BY_ACCEPT)


async def _problem(request: Request) -> Response:
    """The page a problem's `type` leads to; for a browser, one to read."""
    code = request.path_params["code"]
    error = next((error for error in every_error() if error.code == code), None)
    if error is None:
        raise NotFound("No problem has this code; GET /problems lists them")
    explanation = " ".join((error.__doc__ or "").split())
    if wants_html(request):
        told = f"<p>Status {error.status}, code <code>{error.code}</code></p><p>{escape(explanation)}</p>"
        return _html(error.title, told + '<p><a href="/problems">All problems</a></p>')
    page = {"type": _type(error), "code": code, "title": error.title, "status": error.status}
    return JSONResponse({**page, "explanation": explanation}, headers=_BY_ACCEPT)


def _type(error: type[AppError]) -> str:
    return f"/problems/{error.code}"


def wants_html(request: Request) -> bool:
    """Browsers name it; who takes anything is a program, and gets JSON."""
    return "text/html" in request.headers.get("accept", "")


def _html(title: str, content: str) -> Response:
    title = escape(title)
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
    return HTMLResponse(f"{head}<body><h1>{title}</h1>{content}</body></html>", headers=_BY_ACCEPT)


def _page(page: HTMLResponse) -> Response:
    inline = [script for script in _INLINE_SCRIPT.findall(bytes(page.body).decode()) if script.strip()]
    hashes = [b64encode(sha256(script.encode()).digest()).decode() for script in inline]
    scripts = " ".join(["'self'", *(f"'sha256-{found}'" for found in hashes)])
    page.headers["Content-Security-Policy"] = _POLICY.format(scripts=scripts)
    page.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return page
