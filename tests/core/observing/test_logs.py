"""The log tells of every request in one line, and of no secret in any."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from tests.conftest import SECRET_KEY
from tests.support.databases import Template

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
    name = f"taskapi_logs_{uuid4().hex[:12]}"
    environment = os.environ | {
        "TASKAPI_DATABASE_URL": await template.clone(name),
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
    await template.drop(name)
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


async def test_no_secret_is_in_the_log_of_development_either(template: Template) -> None:
    told = await talk(template, TASKAPI_LOG_FORMAT="console")
    assert "LookupError: 7" in told.log
    for secret in (*told.secrets, SECRET_KEY, "$argon2"):
        assert secret not in told.log
