"""The log tells of every request in one line, and of no secret in any."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
import structlog
import time_machine

from taskapi.core import context
from taskapi.core.observing import logs
from taskapi.settings import Settings
from tests.conftest import SECRET_KEY
from tests.support.databases import Template

pytestmark = pytest.mark.slow

CANARY = "canary-password-of-the-logs"


@dataclass(frozen=True)
class Told:
    log: str
    secrets: list[str]

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]


async def talk(template: Template, **settings: str) -> Told:
    """What the program of tests/support/talkative.py logs in an interpreter of its own."""
    async with template.cloned("logs") as url:
        environment = os.environ | {
            "TASKAPI_DATABASE_URL": url,
            "TASKAPI_SECRET_KEY": SECRET_KEY,
            "TASKAPI_LOG_LEVEL": "debug",
            "CANARY_PASSWORD": CANARY,
            **settings,
        }
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.support.talkative"),
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, error = await program.communicate()
    assert program.returncode == 0, error.decode()
    return Told(out.decode(), json.loads(error))


@pytest.fixture(scope="module")
async def told(template: Template) -> Told:
    return await talk(template, TASKAPI_ENVIRONMENT="production")


def test_in_production_every_line_is_json_with_a_time_and_a_level(told: Told) -> None:
    assert len(told.lines) > 10
    for line in told.lines:
        assert line["timestamp"].endswith("Z")
        assert line["level"] in {"debug", "info", "warning", "error"}


def test_a_request_is_one_line(told: Told) -> None:
    (line,) = [line for line in told.of("request") if line["request_id"] == "reading"]
    (registered,) = [line for line in told.of("request") if line["request_id"] == "registering"]
    assert (line["method"], line["path"], line["status"], line["client"]) == (
        "GET",
        "/api/v1/users/me",
        200,
        "127.0.0.1",
    )
    assert line["ms"] > 0
    assert line["user_id"] is not None
    assert (registered["status"], registered["user_id"]) == (201, None)


def test_every_line_of_a_request_carries_its_id(told: Told) -> None:
    assert all(line["request_id"] for line in told.lines)


def test_sign_ins_are_told_whether_they_succeed_or_fail(told: Told) -> None:
    assert len(told.of("auth.login.ok")) == 2
    assert len(told.of("auth.login.failed")) == 1


def test_a_mistake_of_ours_is_told_with_where_it_happened(told: Told) -> None:
    (line,) = told.of("unhandled")
    assert (line["level"], line["path"]) == ("error", "/api/v1/failing/7")
    assert "LookupError: 7" in line["exception"]


def test_probes_are_not_worth_a_line(told: Told) -> None:
    assert [line for line in told.of("request") if line["path"].startswith("/health")] == []


def test_no_secret_is_in_the_log(told: Told) -> None:
    assert len(told.secrets) == 7
    for secret in (*told.secrets, SECRET_KEY, "$argon2"):
        assert secret not in told.log


def test_what_is_told_under_a_secrets_name_is_blackened(told: Told) -> None:
    (line,) = told.of("told by mistake")
    assert (line["password"], line["refresh_token"], line["Authorization"]) == ("***", "***", "***")


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("password", True),
        ("new_password", True),
        ("refresh_token", True),
        ("token_hash", True),
        ("Set-Cookie", True),
        ("X-Share-Password", True),
        ("secret_key", True),
        ("token_id", False),
        ("tokenizer", False),
        ("secretary", False),
        ("user_id", False),
    ],
)
def test_a_secrets_name_is_told_by_whole_words_and_its_id_is_none(name: str, hidden: bool) -> None:
    stream = StringIO()
    shown = written(stream, lambda: structlog.get_logger().info("told", **{name: "value"}))[0]
    assert shown[name] == ("***" if hidden else "value")


FIELDS: dict[str, Any] = {
    "method": "GET",
    "path": "/api/v1/tasks/WEB-1",
    "status": 200,
    "ms": 1.25,
    "client": "127.0.0.1",
    "user_id": None,
}


def written(stream: StringIO, write: Callable[[], None], **server: str) -> list[dict[str, Any]]:
    """What a configuration of its own makes of it."""
    kept = structlog.get_config()
    logs.configure(Settings(server={"log_format": "json", "log_level": "info", **server}), stream)
    try:
        write()
    finally:
        logs.configure(Settings(server={"log_level": "error"}))
        structlog.configure(**kept)
    lines = stream.getvalue().splitlines()
    return (
        [json.loads(line) for line in lines] if server.get("log_format") != "console" else [{"": one} for one in lines]
    )


@pytest.mark.parametrize(
    "path", ["/api/v1/tasks/WEB-1", "/two words", "/a=b", "/Käse", '/"quoted"', "/\x1b[31mred", "/\u202e"]
)
@pytest.mark.parametrize("log_format", ["json", "console"])
def test_the_line_of_a_request_has_the_shape_of_every_other(path: str, log_format: str) -> None:
    """Field by field in one order, in the console to the byte: all but the time."""

    def write() -> None:
        with time_machine.travel(datetime(2026, 11, 21, 12, 30, 15, 123456, tzinfo=UTC), tick=False):
            token = context.request_id.set("an-id")
            logs.access_log.tell({**FIELDS, "path": path}, "an-id")
            structlog.get_logger().info("request", **{**FIELDS, "path": path})
            context.request_id.reset(token)

    ours, the_chains = written(StringIO(), write, log_format=log_format)
    assert list(ours.items()) == list(the_chains.items())


def test_nobody_writes_to_a_terminal_through_an_address() -> None:
    def write() -> None:
        logs.access_log.tell({**FIELDS, "path": "/\x1b[2J\n2026-11-21 forged"}, "an-id")

    (line,) = written(StringIO(), write, log_format="console")
    assert "path='/\\x1b[2J\\n2026-11-21 forged'" in line[""]


# What moves a cursor, rings, breaks lines or turns the reading round; C1 alone does what ESC [ does.
UNSEEN = "\x1b]0;owned\x07\x00\r\n\x85\x9b31m\u2028\u2029\u202e\u2066\x7f"


@pytest.mark.parametrize("text", [UNSEEN, *UNSEEN, f"/api/v1/{UNSEEN}red", {"deep": [UNSEEN]}, ValueError(UNSEEN)])
def test_no_value_writes_to_a_terminal(text: object) -> None:
    def write() -> None:
        structlog.get_logger().info("told", value=text)
        structlog.get_logger().info(f"told {text}")
        logging.getLogger("library").warning("told %s", text)

    lines = written(StringIO(), write, log_format="console")
    assert len(lines) == 3
    assert all(line[""].isprintable() for line in lines)


def test_nor_does_what_a_failure_says() -> None:
    failure = LookupError(UNSEEN)
    failure.__cause__ = ValueError(UNSEEN)

    def write() -> None:
        structlog.get_logger().error("failed", exc_info=failure)
        logging.getLogger("library").error("failed", exc_info=failure)

    lines = written(StringIO(), write, log_format="console")
    assert any("LookupError: \\x1b]0;owned" in line[""] for line in lines)
    assert all(line[""].isprintable() for line in lines)
    assert any(line[""].startswith("The above exception") for line in lines), "on lines of its own, as ever"


def test_the_colours_are_ours() -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    def write() -> None:
        structlog.get_logger().info("told", value=UNSEEN)

    (line,) = written(Terminal(), write, log_format="console")
    assert "\x1b[" in line[""]
    assert "\x1b]" not in line[""]
    assert "\\x1b]0;owned\\x07" in line[""]


def test_requests_are_not_told_above_their_level() -> None:
    assert written(StringIO(), lambda: logs.access_log.tell(FIELDS, "an-id"), log_level="warning") == []


async def test_no_secret_is_in_the_log_of_development_either(template: Template) -> None:
    told = await talk(template, TASKAPI_LOG_FORMAT="console")
    assert "LookupError: 7" in told.log
    for secret in (*told.secrets, SECRET_KEY, "$argon2"):
        assert secret not in told.log
