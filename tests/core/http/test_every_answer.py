"""Whatever an answer says, it carries the headers that keep browsers safe, and opens to the named origins alone."""

import re
from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import httpx
import pytest

from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.models import ProjectRole
from taskapi.settings import Settings
from tests.support.databases import RolledBackDatabase
from tests.support.factory import Factory

pytestmark = pytest.mark.slow

OURS = "https://app.example"
ME = "/api/v1/users/me"
LOGIN = "/api/v1/auth/login"
FORGOT = "/api/v1/auth/password/forgot"
PREFLIGHT = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "if-match"}
ASKED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "200": ("GET", ME, {}),
    "200 as HEAD": ("HEAD", ME, {}),
    "200 of health": ("GET", "/health/live", {}),
    "200 of the metrics": ("GET", "/metrics", {}),
    "200 of the problems": ("GET", "/problems/not_found", {}),
    "200 of the document": ("GET", "/openapi.json", {}),
    "200 of a preflight": ("OPTIONS", ME, {"headers": PREFLIGHT}),
    "200 of Swagger UI": ("GET", "/docs", {}),
    "200 of its redirect": ("GET", "/docs/oauth2-redirect", {}),
    "200 of ReDoc": ("GET", "/redoc", {}),
    "200 of their assets": ("GET", "/_docs/swagger-ui.css", {}),
    "201": ("POST", "/api/v1/projects", {"json": {"key": "NEW", "name": "New"}}),
    "202": ("POST", FORGOT, {"json": {"email": "nobody@example.com"}}),
    "204": ("DELETE", "/api/v1/tasks/WEB-1", {}),
    "204 as OPTIONS": ("OPTIONS", ME, {}),
    "304": ("GET", ME, {"headers": {"If-None-Match": "*"}}),
    "400": ("GET", "/api/v1/tasks?cursor=made-up", {}),
    "400 of the body": ("POST", LOGIN, {"content": b"{", "headers": {"Content-Type": "application/json"}}),
    "401": ("GET", ME, {"headers": {"Authorization": ""}}),
    "403": ("POST", "/api/v1/projects/SEEN/tasks", {"json": {"title": "Task"}}),
    "404": ("GET", "/api/v1/tasks/NO-1", {}),
    "404 of nothing": ("GET", "/nothing", {}),
    "405": ("PUT", ME, {}),
    "409": ("POST", "/api/v1/projects", {"json": {"key": "WEB", "name": "Again"}}),
    "412": ("PATCH", ME, {"json": {"full_name": "Maria"}, "headers": {"If-Match": '"99"'}}),
    "413": ("POST", LOGIN, {"content": b"x" * 1_048_577}),
    "414": ("GET", "/api/v1/tasks?q=" + "x" * 9000, {}),
    "415": ("POST", LOGIN, {"content": b"x"}),
    "422": ("POST", LOGIN, {"json": {}}),
    "429": ("POST", FORGOT, {"json": {"email": "nobody@example.com"}}),
    "431": ("GET", ME, {"headers": {"X-Long": "x" * 17_000}}),
    "500": ("GET", "/api/v1/projects/WEB", {}),
    "503": ("GET", "/health/ready", {}),
}
VARIES = {"200 of the problems": "Accept, Origin, Authorization"}
PAGES = {"200 of Swagger UI", "200 of its redirect", "200 of ReDoc"}
PROBLEMS = {name for name in ASKED if name[0] in "45" and name != "503"}


@pytest.fixture
async def client(
    tables: Any,
    shared_database: RolledBackDatabase,
    quick_passwords: Passwords,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who gets every kind of answer there is, from a service that one other origin may use."""
    security = {"cors_origins": OURS, "rate_limit_auth_per_minute": 1}
    service = Factory(create_app(Settings.model_validate({"security": security}), shared_database, quick_passwords))
    maria = await service.user()
    await service.task(await service.project(maria, key="WEB"))
    await service.member(await service.project(key="SEEN"), ProjectRole.VIEWER, maria)

    async def fail(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("taskapi.projects.service.get_project", fail)
    service.app.state.parts.leaving.set()
    async with service.client(maria) as client:
        yield client


async def ask_everything(client: httpx.AsyncClient, origin: str | None) -> dict[str, httpx.Response]:
    """By the order of ASKED: the 429 is for the repeat of what was a 202."""
    answers = {}
    for name, (method, path, given) in ASKED.items():
        headers = {**given.get("headers", {}), **({"Origin": origin} if origin else {})}
        answers[name] = await client.request(method, path, **{**given, "headers": headers})
    return answers


async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient) -> None:
    for name, answer in (await ask_everything(client, None)).items():
        if name == "200 of a preflight":  # no origin, no preflight
            assert answer.status_code == 204
        else:
            assert str(answer.status_code) == name[:3], name
        headers = answer.headers
        assert headers["x-content-type-options"] == "nosniff", name
        assert headers["referrer-policy"] == "no-referrer", name
        assert headers["cross-origin-resource-policy"] == "same-origin", name
        assert headers["permissions-policy"] == "camera=(), microphone=(), geolocation=(), payment=()", name
        assert headers.get_list("vary") == [VARIES.get(name, "Origin, Authorization")], name
        assert headers["cache-control"], name
        assert re.fullmatch(r"[0-9a-f]{24}", headers["x-request-id"]), name
        assert not {"server", "x-powered-by", "set-cookie"} & set(headers), name
        assert len(headers.get_list("content-security-policy")) == 1, name
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy, name
        assert "base-uri 'none'" in policy, name
        assert ("default-src 'self'" if name in PAGES else "default-src 'none'") in policy, name
        assert not [header for header in headers if header.startswith("access-control")], name


async def test_a_page_of_ours_runs_its_own_script_and_no_other(client: httpx.AsyncClient) -> None:
    for path in ("/docs", "/docs/oauth2-redirect", "/redoc"):
        page = await client.get(path)
        policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
        scripts = [part.partition(">")[2].partition("</script>")[0] for part in page.text.split("<script")[1:]]
        hashes = [b64encode(sha256(script.encode()).digest()).decode() for script in scripts if script.strip()]
        assert policy["script-src"] == " ".join(["'self'", *(f"'sha256-{found}'" for found in hashes)]), path
    assert "'sha256-" in (await client.get("/docs")).headers["content-security-policy"]


async def test_every_refusal_is_a_problem_that_says_what_to_do(client: httpx.AsyncClient) -> None:
    answers = await ask_everything(client, OURS)
    for name in PROBLEMS:
        assert answers[name].headers["content-type"] == "application/problem+json", name
    assert answers["401"].headers["www-authenticate"] == "Bearer"
    assert "GET" in answers["405"].headers["allow"]
    assert 1 <= int(answers["429"].headers["retry-after"]) <= 60


async def test_every_answer_can_be_read_by_a_page_of_a_named_origin(client: httpx.AsyncClient) -> None:
    for name, answer in (await ask_everything(client, OURS)).items():
        assert str(answer.status_code) == name[:3], name
        assert answer.headers.get_list("access-control-allow-origin") == [OURS], name
        assert len(answer.headers.get_list("vary")) == 1, name
        assert {"Origin", "Authorization"} <= set(answer.headers["vary"].split(", ")), name
        if name == "200 of a preflight":
            assert answer.headers["access-control-max-age"] == "600"
            assert "PATCH" in answer.headers["access-control-allow-methods"]
            assert "If-Match" in answer.headers["access-control-allow-headers"]
        else:
            exposed = set(answer.headers["access-control-expose-headers"].lower().split(", "))
            assert exposed >= {"etag", "ratelimit", "ratelimit-policy", "x-ratelimit-remaining", "retry-after"}, name


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{OURS}.evil.example", f"{OURS}:8443"])
async def test_no_answer_opens_to_another_origin(client: httpx.AsyncClient, origin: str) -> None:
    for name, answer in (await ask_everything(client, origin)).items():
        assert not [header for header in answer.headers if header.startswith("access-control")], name
        assert answer.headers.get_list("vary") == [VARIES.get(name, "Origin, Authorization")], name


async def test_a_preflight_for_what_may_not_be_sent_is_left_to_the_browser(client: httpx.AsyncClient) -> None:
    for asked in ({"Access-Control-Request-Method": "TRACE"}, PREFLIGHT | {"Access-Control-Request-Headers": "x-odd"}):
        answer = await client.options(ME, headers={"Origin": OURS, **asked})
        assert answer.status_code == 200
        assert "TRACE" not in answer.headers["access-control-allow-methods"]
        assert "x-odd" not in answer.headers["access-control-allow-headers"].lower()


async def test_a_preflight_is_not_counted(client: httpx.AsyncClient) -> None:
    answer = await client.options(ME, headers={"Origin": OURS, **PREFLIGHT})
    assert "ratelimit" not in answer.headers
