"""create_app(settings): the service as one ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

import taskapi
from taskapi import api, background
from taskapi.auth.dependencies import identify
from taskapi.auth.oidc import service as oidc
from taskapi.changes.streams.hub import Hub
from taskapi.core import fields
from taskapi.core.db import migrations
from taskapi.core.db.database import Database
from taskapi.core.http import docs, error_handlers, openapi, uploads
from taskapi.core.http.middleware import CrossOrigin, Envelope, LastCatch, RequestLimits
from taskapi.core.http.ratelimit import RateLimited, RateLimits
from taskapi.core.observing import garbage, logs, telemetry
from taskapi.core.parts import Parts
from taskapi.core.secrets import memory
from taskapi.core.secrets.passwords import Passwords
from taskapi.settings import RateLimit, Settings
from taskapi.tasks.keys.dependencies import address_of_today
from taskapi.web import pages
from taskapi.web.build import DIST
from taskapi.web.building import Building

# Headers of pages of other origins, beyond those that every page may send and read.
_MAY_SEND: Final = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Prefer",
    "X-Request-ID",
    "X-Requested-By",
    "X-Share-Password",
)
_MAY_READ: Final = (
    "Accept-Patch",
    "Content-Disposition",
    "Deprecation",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "WWW-Authenticate",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-ID",
)


def create_app(
    settings: Settings,
    database: Database | None = None,
    passwords: Passwords | None = None,
    *,
    dist: Path = DIST,
    building: Building | None = None,
) -> FastAPI:
    """Everything but the server. Tests hand in a database of their own, passwords that hash quickly, and pages."""
    telemetry.configure()
    background.connect()
    app = FastAPI(
        title="taskapi",
        version=taskapi.__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    parts = Parts.build(settings, database, passwords)
    app.state.parts = parts
    app.state.oidc = oidc.configure(parts)
    app.state.hub = Hub(parts)
    api.install(app)
    docs.install(app)
    pages.install(app, dist, building or Building())
    openapi.install(app)
    error_handlers.install(app, address_of_today)
    app.state.rate_limits = RateLimits(settings.security, parts.metrics)
    _surround(app, settings)
    return app


def _surround(app: FastAPI, settings: Settings) -> None:
    """The last one added is the outermost."""
    if settings.security.rate_limit is RateLimit.ON:
        app.add_middleware(RateLimited, limits=app.state.rate_limits, identify=identify, costly=api.COSTLY)
    app.add_middleware(RequestLimits, settings=settings, streams=uploads.streaming(app.routes))
    app.add_middleware(LastCatch)
    if settings.security.cors_origins:
        app.add_middleware(
            CrossOrigin,
            allow_origins=settings.security.cors_origins,
            allow_credentials=True,
            allow_methods=["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"],
            allow_headers=_MAY_SEND,
            expose_headers=_MAY_READ,
            max_age=600,
        )
    app.add_middleware(Envelope, settings=settings, metrics=app.state.parts.metrics)


def app_from_environment() -> FastAPI:
    """What `uvicorn --factory taskapi.main:app_from_environment` and every worker process start from."""
    settings = Settings()
    logs.configure(settings)
    return create_app(settings)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # In a thread, for Starlette imports what its threads and its streams need (20 ms) when the first of them begins.
    await run_in_threadpool(fields.timezones)
    migrations.newest()
    garbage.freeze()
    memory.return_to_system()
    parts: Parts = app.state.parts
    telling = asyncio.create_task(parts.refusals.follow())
    try:
        with garbage.pauses(parts.metrics.garbage_pauses.observe):
            yield
    finally:
        telling.cancel()
        await parts.refusals.close()
        app.state.hub.close()
        await app.state.rate_limits.close()
        await parts.close()
