"""/metrics counts requests by route template, for those who may know."""

from typing import Any

import httpx
import pytest

from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.databases import RolledBackDatabase
from tests.support.factory import Factory
from tests.support.metrics import figure


async def test_requests_are_counted_by_template_and_never_by_id(make: Factory, client_for: ClientFor) -> None:
    project = await make.project(key="CANARY")
    task = await make.task(project)
    owner = client_for(project.owner)
    name = 'taskapi_http_requests_total{method="GET",route="/api/v1/tasks/{task}",status="200"}'
    before = await figure(owner, name)
    for path in (task["id"], task["key"]):
        await owner.get(f"/api/v1/tasks/{path}")
    assert await figure(owner, name) == before + 2
    text = (await owner.get("/metrics")).text
    assert "CANARY" not in text
    assert task["id"] not in text
    assert str(project.owner.id) not in text


async def test_what_matches_no_route_is_one_series(client: httpx.AsyncClient) -> None:
    name = 'taskapi_http_requests_total{method="GET",route="unmatched",status="404"}'
    before = await figure(client, name)
    for path in ("/nothing", "/api/v1/nothing", "/nowhere"):
        await client.get(path)
    assert await figure(client, name) == before + 3


async def test_how_long_requests_took_is_measured(client: httpx.AsyncClient) -> None:
    name = 'taskapi_http_request_duration_seconds_count{method="GET",route="/health/live"}'
    before = await figure(client, name)
    await client.get("/health/live")
    assert await figure(client, name) == before + 1


async def test_requests_under_way_are_counted(client: httpx.AsyncClient) -> None:
    assert await figure(client, "taskapi_http_requests_in_progress") == 1  # the one that asks
    await client.get("/nothing")
    assert await figure(client, "taskapi_http_requests_in_progress") == 1


async def test_the_process_is_measured(client: httpx.AsyncClient) -> None:
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "process_resident_memory_bytes" in answer.text


@pytest.mark.parametrize(
    ("security", "given", "status"),
    [
        ({"metrics_networks": "10.0.0.0/8"}, {}, 401),
        ({"metrics_networks": "10.0.0.0/8,127.0.0.0/8"}, {}, 200),
        ({"metrics_networks": "10.0.0.0/8", "metrics_token": "a-token"}, {"Authorization": "Bearer a-token"}, 200),
        ({"metrics_networks": "10.0.0.0/8", "metrics_token": "a-token"}, {"Authorization": "Bearer other"}, 401),
        ({"metrics_networks": "10.0.0.0/8", "metrics_token": "a-token"}, {}, 401),
        ({"metrics_networks": "10.0.0.0/8"}, {"X-Forwarded-For": "10.0.0.1"}, 401),
        ({"metrics_networks": "10.0.0.0/8", "trusted_proxies": "127.0.0.1/32"}, {"X-Forwarded-For": "10.0.0.1"}, 200),
        ({"trusted_proxies": "127.0.0.1/32"}, {"X-Forwarded-For": "203.0.113.9"}, 401),
        ({"trusted_proxies": "127.0.0.1/32"}, {"X-Forwarded-For": "127.0.0.1, 203.0.113.9"}, 401),
        # A proxy that nobody has named speaks for anybody, and the answer must not go by its own address.
        ({}, {}, 200),
        ({}, {"X-Forwarded-For": "127.0.0.1"}, 401),
        ({}, {"X-Forwarded-For": ""}, 401),
        ({"metrics_token": "a-token"}, {"X-Forwarded-For": "1.2.3.4", "Authorization": "Bearer a-token"}, 200),
        # Nor may it where a proxy that is known does not say whom it speaks for, or says it with a port.
        ({"trusted_proxies": "127.0.0.1/32"}, {"X-Forwarded-For": "unknown"}, 401),
        ({"trusted_proxies": "127.0.0.1/32"}, {"X-Forwarded-For": "127.0.0.1, _hidden"}, 401),
        ({"trusted_proxies": "127.0.0.1/32"}, {"X-Forwarded-For": "203.0.113.9:4711"}, 401),
        ({"trusted_proxies": "127.0.0.1/32"}, {"X-Forwarded-For": "[2001:db8::1]:4711"}, 401),
        ({"trusted_proxies": "127.0.0.1/32"}, {"X-Forwarded-For": "127.0.0.1:4711"}, 200),
        ({"trusted_proxies": "127.0.0.1/32"}, {"X-Forwarded-For": "[::1]:4711"}, 200),
    ],
)
async def test_they_are_for_a_token_or_a_network(
    security: dict[str, Any],
    given: dict[str, str],
    status: int,
    shared_database: RolledBackDatabase,
    quick_passwords: Passwords,
) -> None:
    app = create_app(Settings.model_validate({"security": security}), shared_database, quick_passwords)
    async with Factory(app).client() as client:
        answer = await client.get("/metrics", headers=given)
    assert answer.status_code == status
    if status == 401:
        assert problem(answer) == (401, "unauthorized")
