"""Every failure the service makes is an RFC 9457 problem with a page that explains it."""

import html
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from taskapi.core.errors import every_error
from taskapi.core.http.route import router
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.conftest import ClientFor
from tests.support.answers import pointers, problem
from tests.support.databases import RolledBackDatabase
from tests.support.factory import Factory

ME = "/api/v1/users/me"
PROJECTS = "/api/v1/projects"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def mine(make: Factory, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(await make.user())


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v1/tasks/",
        "/api/v2/tasks",
        "/favicon.ico",
        "/_docs/none.js",
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "text/html,application/xhtml+xml", "*/*"])
async def test_an_unknown_address_is_a_404_problem_to_browsers_too(
    path: str, accept: str, client: httpx.AsyncClient
) -> None:
    assert problem(await client.get(path, headers={"Accept": accept})) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/api/v1/tasks", "GET, HEAD, OPTIONS"),
        ("DELETE", PROJECTS, "GET, HEAD, OPTIONS, POST"),
        ("POST", "/api/v1/tasks/WEB-1", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("GET", "/api/v1/auth/login", "OPTIONS, POST"),
        ("PUT", ME, "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("POST", "/health/live", "GET, HEAD, OPTIONS"),
        ("POST", "/problems", "GET, HEAD, OPTIONS"),
        ("GET", "/api/v1/auth/oidc/complete", "OPTIONS, POST"),
    ],
)
async def test_a_405_lists_what_the_address_does_take(
    method: str, path: str, allow: str, client: httpx.AsyncClient
) -> None:
    refused = await client.request(method, path)
    assert problem(refused) == (405, "method_not_allowed")
    assert refused.headers["allow"] == allow


@pytest.mark.parametrize(
    "body", ["", "{", "{'a': 1}", '{"a": NaN}', '{"a": 1,}', '"\\ud800"', "\xff", "[" * 65 + "]" * 65]
)
async def test_what_is_no_json_is_a_400(body: str, mine: httpx.AsyncClient) -> None:
    refused = await mine.post(PROJECTS, content=body.encode("latin-1"), headers=JSON)
    assert problem(refused)[0] in ({400, 422} if not body else {400})
    assert "ud800" not in refused.text


@pytest.mark.parametrize(
    "headers",
    [{}, {"Content-Type": "text/plain"}, {"Content-Type": "application/xml"}, JSON | {"Content-Encoding": "gzip"}],
)
async def test_another_content_type_is_a_415(headers: dict[str, str], mine: httpx.AsyncClient) -> None:
    refused = await mine.post(PROJECTS, content=b'{"key": "WEB", "name": "N"}', headers=headers)
    assert problem(refused) == (415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
async def test_json_may_be_named_with_parameters_and_in_any_case(content_type: str, mine: httpx.AsyncClient) -> None:
    body = b'{"key": "WEB", "name": "N"}'
    assert (await mine.post(PROJECTS, content=body, headers={"Content-Type": content_type})).status_code == 201


async def test_a_body_too_large_is_a_413(mine: httpx.AsyncClient) -> None:
    refused = await mine.post(PROJECTS, content=b" " * 1_048_577, headers=JSON)
    assert problem(refused) == (413, "too_large")


async def test_framing_comes_before_who_asks_and_who_asks_before_the_shape(client: httpx.AsyncClient) -> None:
    assert problem(await client.post(PROJECTS, content=b"{}"))[0] == 415
    assert problem(await client.post(PROJECTS, content=b" " * 1_048_577, headers=JSON))[0] == 413
    assert problem(await client.post(PROJECTS, content=b"{", headers=JSON))[0] == 401
    assert problem(await client.post("/api/v1/tasks/WEB-1/complete", content=b"{", headers=JSON))[0] == 401
    assert problem(await client.post(PROJECTS, json={"nonsense": 1}))[0] == 401
    assert problem(await client.get(f"{PROJECTS}?nonsense=1"))[0] == 401


async def test_a_pointer_is_escaped(mine: httpx.AsyncClient) -> None:
    assert pointers(await mine.patch(ME, json={"a/b~c": 1})) == ["/a~1b~0c"]


async def test_the_catalogue_lists_every_problem(client: httpx.AsyncClient) -> None:
    listed: list[dict[str, Any]] = (await client.get("/problems")).json()
    assert [entry["code"] for entry in listed] == sorted({error.code for error in every_error()})


@pytest.mark.parametrize("code", sorted({error.code for error in every_error()}))
async def test_every_problem_has_a_page_where_its_type_says(code: str, client: httpx.AsyncClient) -> None:
    page = (await client.get(f"/problems/{code}")).json()
    assert (page["code"], page["type"]) == (code, f"/problems/{code}")
    assert page["explanation"]


@pytest.mark.parametrize("code", ["not_found", "wrong_password"])
async def test_a_browser_gets_a_page_to_read(code: str, client: httpx.AsyncClient) -> None:
    page = await client.get(f"/problems/{code}", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    told = (await client.get(f"/problems/{code}")).json()
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Accept" in page.headers["vary"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for text in (told["title"], told["explanation"], code):
        assert html.escape(text) in page.text
    listed = await client.get("/problems", headers={"Accept": "text/html"})
    assert f'href="/problems/{code}"' in listed.text


async def test_the_address_of_the_service_leads_to_its_pages(client: httpx.AsyncClient) -> None:
    home = await client.get("/")
    assert (home.status_code, home.headers["location"]) == (302, "/docs")


async def test_a_slash_at_the_end_is_told_what_is_there_without_it(client: httpx.AsyncClient) -> None:
    for path in ("/api/v1/tasks/", "/api/v1/projects/WEB/tasks/", "/docs/"):
        refused = await client.get(path)
        assert problem(refused) == (404, "not_found")
        assert "without the slash" in refused.json()["detail"]
    assert "slash" not in (await client.get("/api/v1/nothing/")).json()["detail"]


async def test_a_patch_of_another_type_is_told_the_right_ones(mine: httpx.AsyncClient) -> None:
    for headers in ({"Content-Type": "text/plain"}, JSON | {"Content-Encoding": "gzip"}):
        refused = await mine.patch(ME, content=b"{}", headers=headers)
        assert problem(refused) == (415, "unsupported_media_type")
        assert refused.headers["accept-patch"] == "application/json, application/merge-patch+json"
    assert "accept-patch" not in (await mine.post(PROJECTS, content=b"x")).headers


async def test_a_bad_token_is_named_as_the_reason(client: httpx.AsyncClient) -> None:
    assert (await client.get(ME)).headers["www-authenticate"] == "Bearer"
    refused = await client.get(ME, headers={"Authorization": "Bearer nonsense"})
    assert problem(refused) == (401, "invalid_token")
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'


async def test_an_unknown_problem_is_a_404(client: httpx.AsyncClient) -> None:
    assert problem(await client.get("/problems/nonsense")) == (404, "not_found")


@pytest.fixture
def failing(tables: Any, shared_database: RolledBackDatabase) -> FastAPI:
    """The application with a route that has a mistake in it."""
    app = create_app(Settings(), shared_database)
    routes = router("/api/v1/failing", "tasks")

    @routes.get("")
    async def fail() -> None:
        password = "canary-in-a-local"
        raise LookupError(f"a secret detail of {len(password)}")

    app.router.routes.extend(routes.routes)
    return app


async def test_a_mistake_of_ours_is_a_500_that_tells_nothing(failing: FastAPI) -> None:
    transport = httpx.ASGITransport(failing, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/api/v1/failing", headers={"X-Request-ID": "look-for-me"})
    assert problem(answer) == (500, "internal_error")
    assert answer.json()["request_id"] == "look-for-me"
    assert "secret" not in answer.text
    failing.state.parts.passwords.close()
