"""create_app(settings): the service as one ASGI application."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

import taskapi
from taskapi import api
from taskapi.auth.dependencies import KnownCallers
from taskapi.auth.service import SignIns
from taskapi.core import docs, error_handlers, logs, memory, openapi, telemetry
from taskapi.core.db import Database
from taskapi.core.metrics import Metrics
from taskapi.core.middleware import Envelope, Limits
from taskapi.core.pagination import Cursors
from taskapi.core.passwords import Passwords
from taskapi.core.tokens import Tokens, derive_key
from taskapi.settings import Settings

# What pages of other origins may send and read: all that the contract names.
_HEADERS_TAKEN = (
    *("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Prefer", "X-Request-ID"),
)
_HEADERS_GIVEN = (
    *("ETag", "Link", "Location", "Retry-After", "X-Request-ID", "Idempotency-Replayed", "Preference-Applied"),
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
    api.install(app)
    docs.install(app)
    openapi.install(app)
    error_handlers.install(app)
    # The last one added is the outermost.
    app.add_middleware(Limits, settings=settings)
    if settings.security.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.security.cors_origins,
            allow_credentials=True,
            allow_methods=["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"],
            allow_headers=_HEADERS_TAKEN,
            expose_headers=_HEADERS_GIVEN,
            max_age=600,
        )
    app.add_middleware(Envelope, settings=settings, metrics=app.state.metrics)
    return app


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
        await app.state.database.dispose()
