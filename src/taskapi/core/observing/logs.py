"""Logging: structured, one line an event; JSON in production, readable in development; never a secret."""

import logging
import re
import sys
from functools import lru_cache
from typing import Final, TextIO

import structlog
from structlog.typing import EventDict, Processor

from taskapi.core import context
from taskapi.core.observing import terminal
from taskapi.core.observing.access_log import AccessLog
from taskapi.settings import Environment, LogFormat, Settings

_SECRET_WORDS: Final = frozenset(
    {"password", "passwords", "secret", "secrets", "token", "tokens", "authorization", "cookie", "cookies"}
)
_BETWEEN_WORDS: Final = re.compile(r"[^a-z]+")
access_log = AccessLog(None, as_json=True)


def _add_request_id(_: object, __: str, event: EventDict) -> EventDict:
    if (request_id := context.request_id.get()) is not None:
        event.setdefault("request_id", request_id)
    return event


def _hide_secrets(_: object, __: str, event: EventDict) -> EventDict:
    """A second lock: code that logs a secret by mistake still does not."""
    for key in event:
        if _names_a_secret(key):
            event[key] = "***"
    return event


@lru_cache(256)
def _names_a_secret(key: str) -> bool:
    """`refresh_token` does; `token_id` names what a token is known by, and `tokenizer` is another word."""
    words = _BETWEEN_WORDS.split(key.lower())
    return words[-1] != "id" and not _SECRET_WORDS.isdisjoint(words)


def configure(settings: Settings, stream: TextIO = sys.stdout) -> None:
    global access_log  # noqa: PLW0603 - as structlog and logging keep theirs, which are set here too
    as_json = settings.server.log_format is LogFormat.JSON or (
        settings.server.log_format is LogFormat.AUTO and settings.environment is Environment.PRODUCTION
    )
    level = logging.getLevelNamesMapping()[settings.server.log_level.upper()]
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
        _hide_secrets,
    ]
    renderer: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if as_json
        # The rich traceback, which is the default, prints local variables: bodies, passwords, tokens.
        else [
            terminal.defuse,
            structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=terminal.traceback),
        ]
    )
    structlog.configure(
        processors=[*shared, *renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    access_log = AccessLog(stream if level <= logging.INFO else None, as_json=as_json)
    # Libraries log through the standard library; their lines get the same shape.
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    logging.basicConfig(level=max(level, logging.INFO), handlers=[handler], force=True)
    # uvicorn's access log would repeat ours; alembic and friends tell too much at INFO.
    logging.getLogger("uvicorn.access").disabled = True
    for chatty in ("alembic", "httpx", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
