"""create_app(settings): the service as one ASGI application."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI

import taskapi
from taskapi import api
from taskapi.auth.dependencies import KnownCallers, identify
from taskapi.auth.oidc import service as oidc
from taskapi.auth.service import SignIns
from taskapi.core import docs, error_handlers, logs, memory, openapi, telemetry
from taskapi.core.db import Database
from taskapi.core.metrics import Metrics
from taskapi.core.middleware import CrossOrigin, Envelope, LastCatch, Limits
from taskapi.core.pagination import Cursors
from taskapi.core.passwords import Passwords
from taskapi.core.ratelimit import RateLimited, RateLimits
from taskapi.core.tokens import Tokens, derive_key
from taskapi.settings import RateLimit, Settings

# Headers of pages of other origins, beyond those that every page may send and read.
_MAY_SEND: Final = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Prefer",
    "X-Request-ID",
    "X-Share-Password",
)
_MAY_READ: Final = (
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


def create_app(settings: Settings, database: Database | None = None, passwords: Passwords | None = None) -> FastAPI:
    """Everything but the server. Tests hand in a database of their own, and passwords that hash quickly."""
    telemetry.configure()
    app = FastAPI(
        title="taskapi",
        version=taskapi.__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    secret = settings.security.secret_key.get_secret_value()
    tokens = Tokens(secret, settings.security.access_token_minutes * 60)
    app.state.settings = settings
    app.state.draining = False
    app.state.metrics = Metrics()
    app.state.cursors = Cursors(derive_key(secret, "cursors"))
    app.state.known_callers = KnownCallers(tokens)
    app.state.database = database or Database(settings.database)
    app.state.sign_ins = SignIns(app.state.database, tokens, passwords or Passwords(), settings.security)
    app.state.oidc = oidc.configure(settings, app.state.sign_ins)
    api.install(app)
    docs.install(app)
    openapi.install(app)
    error_handlers.install(app)
    app.state.rate_limits = RateLimits(settings.security, app.state.metrics)
    _surround(app, settings)
    return app


def _surround(app: FastAPI, settings: Settings) -> None:
    """The last one added is the outermost."""
    if settings.security.rate_limit is RateLimit.ON:
        app.add_middleware(RateLimited, limits=app.state.rate_limits, identify=identify, costly=api.COSTLY)
    app.add_middleware(Limits, settings=settings)
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
    app.add_middleware(Envelope, settings=settings, metrics=app.state.metrics)


def app_from_environment() -> FastAPI:
    """What `uvicorn --factory taskapi.main:app_from_environment` and every worker process start from."""
    settings = Settings()
    logs.configure(settings)
    return create_app(settings)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # Importing and building leave 20 MB of garbage behind.
    gc.collect()
    memory.return_to_system()
    try:
        yield
    finally:
        app.state.sign_ins.passwords.close()
        await app.state.rate_limits.close()
        await app.state.database.dispose()
