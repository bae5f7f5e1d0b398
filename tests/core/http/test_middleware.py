"""Around every answer: a request id, headers that keep browsers safe, and HEAD and OPTIONS wherever GET is."""

import re
from typing import Any

import httpx
import pytest
import structlog.testing

from taskapi.core.http import middleware
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.databases import RolledBackDatabase
from tests.support.factory import Factory

ANSWERS = [
    ("GET", "/health/live", {}, 200),
    ("GET", "/api/v1/users/me", {}, 401),
    ("GET", "/nothing", {}, 404),
    ("PUT", "/api/v1/tasks", {}, 405),
    ("POST", "/api/v1/auth/login", {"content": b"x" * 1_048_577}, 413),
    ("POST", "/api/v1/auth/login", {"content": b"x"}, 415),
    ("POST", "/api/v1/auth/login", {"json": {}}, 422),
    ("GET", "/health/live", {"headers": {"X-Long": "x" * 17_000}}, 431),
    ("GET", "/health/live?" + "x" * 9000, {}, 414),
    ("OPTIONS", "/api/v1/tasks", {}, 204),
    ("GET", "/openapi.json", {}, 200),
    ("GET", "/problems", {}, 200),
    ("GET", "/metrics", {}, 200),
]


@pytest.mark.parametrize(("method", "path", "given", "status"), ANSWERS)
async def test_every_answer_carries_the_security_headers(
    method: str, path: str, given: dict[str, Any], status: int, client: httpx.AsyncClient
) -> None:
    answer = await client.request(method, path, **given)
    assert answer.status_code == status
    headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "camera=()" in headers["permissions-policy"]
    assert headers["cache-control"] == "private, no-cache"
    assert re.fullmatch(r"[0-9a-f]{24}", headers["x-request-id"])
    assert "server" not in headers
    assert "strict-transport-security" not in headers


async def test_behind_https_browsers_are_told_to_stay_there(
    shared_database: RolledBackDatabase, quick_passwords: Passwords
) -> None:
    settings = Settings.model_validate({"server": {"public_url": "https://tasks.example"}})
    async with Factory(create_app(settings, shared_database, quick_passwords)).client() as client:
        answer = await client.get("/health/live")
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


@pytest.mark.parametrize("request_id", ["a", "A1._-", "x" * 64])
async def test_a_request_id_is_taken_over(request_id: str, client: httpx.AsyncClient) -> None:
    answer = await client.get("/nothing", headers={"X-Request-ID": request_id})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == request_id


@pytest.mark.parametrize("request_id", ["", "x" * 65, "has space", "new\tline", "caf\xe9", "<script>"])
async def test_what_cannot_be_a_request_id_is_replaced(request_id: str, client: httpx.AsyncClient) -> None:
    answer = await client.get("/nothing", headers=[(b"X-Request-ID", request_id.encode("latin-1"))])
    assert re.fullmatch(r"[0-9a-f]{24}", answer.headers["x-request-id"])


async def test_every_request_has_an_id_of_its_own(client: httpx.AsyncClient) -> None:
    assert len({(await client.get("/health/live")).headers["x-request-id"] for _ in range(20)}) == 20


@pytest.fixture
async def owner(make: Factory, client_for: ClientFor) -> httpx.AsyncClient:
    project = await make.project(key="WEB")
    await make.task(project)
    return client_for(project.owner)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/tasks/WEB-1",
        "/api/v1/tasks",
        "/api/v1/projects/WEB/tasks",
        "/api/v1/projects",
        "/api/v1/users/me",
        "/health",
        "/docs",
        "/openapi.json",
        "/problems",
    ],
)
async def test_head_is_get_without_the_body(path: str, owner: httpx.AsyncClient) -> None:
    got, head = await owner.get(path), await owner.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag"):
        assert head.headers.get(name) == got.headers.get(name)


async def test_head_of_what_is_missing_is_a_404_without_a_body(owner: httpx.AsyncClient) -> None:
    head = await owner.head("/api/v1/tasks/WEB-99")
    assert (head.status_code, head.content) == (404, b"")


async def test_head_knows_if_none_match(owner: httpx.AsyncClient) -> None:
    assert (await owner.head("/api/v1/tasks/WEB-1", headers={"If-None-Match": '"1"'})).status_code == 304


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/api/v1/tasks/WEB-1", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("/api/v1/projects/WEB/tasks", "GET, HEAD, OPTIONS, POST"),
        ("/api/v1/auth/logout", "OPTIONS, POST"),
        ("/docs", "GET, HEAD, OPTIONS"),
    ],
)
async def test_options_say_what_an_address_takes(path: str, allow: str, client: httpx.AsyncClient) -> None:
    answer = await client.options(path)
    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, allow, b"")


async def test_options_of_nothing_are_a_404(client: httpx.AsyncClient) -> None:
    assert problem(await client.options("/api/v1/nothing")) == (404, "not_found")


async def test_a_host_that_is_not_ours_is_refused_where_hosts_are_named(
    shared_database: RolledBackDatabase, quick_passwords: Passwords
) -> None:
    settings = Settings.model_validate({"security": {"allowed_hosts": "tasks.example,other.example"}})
    async with Factory(create_app(settings, shared_database, quick_passwords)).client() as client:
        assert problem(await client.get("/health/live")) == (400, "unknown_host")
        for host in ("tasks.example", "TASKS.example:8000"):
            assert (await client.get("/health/live", headers={"Host": host})).is_success


async def test_a_proxy_that_nobody_has_named_is_told_once(
    shared_database: RolledBackDatabase, quick_passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = structlog.testing.CapturingLogger()
    monkeypatch.setattr(middleware, "log", log)
    service = Factory(create_app(Settings(), shared_database, quick_passwords))
    async with service.client() as client:
        await client.get("/health/live")
        assert log.calls == []
        for number in range(3):
            await client.get("/health/live", headers={"X-Forwarded-For": f"192.0.2.{number}"})
    [call] = log.calls
    assert (call.method_name, call.args, call.kwargs["peer"]) == ("warning", ("proxy.not_trusted",), "127.0.0.1")
    assert "TASKAPI_TRUSTED_PROXIES" in call.kwargs["hint"]
