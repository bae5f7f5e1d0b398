"""Addresses, queries and methods that no client library would send, and what HEAD and OPTIONS owe their GET."""

import pytest
from fastapi import FastAPI

from tests.adversity.serving import Answer, Service, request
from tests.adversity.wrong_bodies import filled
from tests.conftest import ClientFor
from tests.support.answers import headers
from tests.support.factory import Factory

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
NAMES = (
    "%00",
    "a%00b",
    "%",
    "%zz",
    "%e2%82",
    "%ff%fe",
    "%ed%a0%80",
    "..%2f..%2fetc%2fpasswd",
    "%0d%0aX:%20y",
    "%F0%9F%98%80",
)


def operations(app: FastAPI) -> list[tuple[str, str]]:
    return [
        (method.upper(), path)
        for path, found in app.openapi()["paths"].items()
        for method in found
        if not path.startswith("/metrics")
    ]


def assert_refused(answer: Answer, *statuses: int) -> None:
    """A 400 that is no problem is the server's own: the bytes were no HTTP, and never became a request."""
    assert answer.status in statuses, answer
    if answer.headers["content-type"] != "application/problem+json":
        assert answer.status == 400
    else:
        answer.problem()


@pytest.mark.parametrize("name", NAMES)
async def test_names_that_cannot_be_are_not_found(make: Factory, client_for: ClientFor, name: str) -> None:
    client = client_for(await make.user())
    for path in (f"/api/v1/tasks/{name}", f"/api/v1/projects/{name}", f"/api/v1/projects/{name}/tasks", f"/{name}"):
        assert (await client.get(path)).status_code == 404, path
    assert (await client.get(f"/api/v1/users/{name}")).status_code in {404, 422}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("parameter", ["q", "cursor", "status", "sort", "assignee", "due_after", "limit", "unheard_of"])
async def test_values_that_cannot_be_are_told_so(
    make: Factory, client_for: ClientFor, parameter: str, name: str
) -> None:
    response = await client_for(await make.user()).get(f"/api/v1/tasks?{parameter}={name}")
    assert response.status_code in ({200, 400, 422} if parameter == "q" else {400, 422})
    unknown_name = await client_for(await make.user()).get(f"/api/v1/tasks?{name}=1")
    assert unknown_name.status_code in {400, 422}


@pytest.mark.parametrize(
    "query",
    [
        *("due_after=9999-12-31", "due_before=9999-12-31", "due_after=0001-01-01", "due_before=0001-01-01T00:00:00Z"),
        *("date=0000-00-00", "date=10000-01-01", "updated_since=9999-12-31T23:59:59-23:59", "due_before=2026-02-30"),
        *("due_before=-999999999", "updated_since=1e400", "limit=" + "9" * 5000, "page=" + "9" * 5000, "page=1e3"),
        *("cursor=" + "A" * 2000, "q=" + "%22" * 200, "q=%26%7C%21%3A*", "q=" + "%5C" * 200, "include=total&" * 50),
        *("status=" + "a&status=" * 60 + "a", "assignee=none&" * 100, "page=10000&limit=200", "cursor=a&page=1"),
    ],
)
async def test_values_at_the_edge_break_nothing(make: Factory, client_for: ClientFor, query: str) -> None:
    client = client_for(await make.user())
    for path in ("/api/v1/tasks", f"/api/v1/projects/{(await make.project()).key}/tasks"):
        response = await client.get(f"{path}?{query}")
        assert response.status_code in {200, 400, 404, 422}, response.text


@pytest.mark.parametrize(
    "line",
    [
        *(b"GET /api/v1/tasks?q=\xff HTTP/1.1", b"GET /api/v1/tasks/\xff HTTP/1.1", b"GET /api/v1/tasks/%00 HTTP/1.1"),
        *(b"GET //api/v1/tasks HTTP/1.1", b"GET /api/v1/tasks/../tasks HTTP/1.1", b"GET /api/v1/tasks#x HTTP/1.1"),
        *(b"GET http://elsewhere/api/v1/tasks HTTP/1.1", b"GET  /x HTTP/1.1", b"GET /x HTTP/9.9", b"GET /x"),
        *(b"CONNECT elsewhere:443 HTTP/1.1", b"CONNECT /api/v1/tasks HTTP/1.1", b"OPTIONS * HTTP/1.1"),
        *(b"TRACE /api/v1/tasks HTTP/1.1", b"BREW /pot HTTP/1.1", b"get /x HTTP/1.1", b"G\x00ET /x HTTP/1.1"),
        *(b"PROPFIND / HTTP/1.1", b"PRI * HTTP/2.0", b"\x16\x03\x01\x02\x00\x01\x00", b"\x00" * 100),
    ],
)
def test_a_request_line_of_no_sense_is_refused(service: Service, line: bytes) -> None:
    assert_refused(service.ask(line + b"\r\nHost: localhost\r\n\r\n"), 400, 401, 404, 405)


@pytest.mark.parametrize("host", ["[", "a/b?c@[::1", "", "a b", "\xff", "localhost:99999", "a" * 5000, "@evil", "a\\b"])
def test_a_host_of_no_sense_is_no_failure_of_ours(service: Service, host: str) -> None:
    raw = f"GET /api/v1/tasks?limit=1 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode("latin-1")
    assert_refused(service.ask(raw), 400, 401)


def test_no_host_decides_where_links_lead(service: Service) -> None:
    answer = service.get("/api/v1/tasks", "X-Forwarded-Host: evil.example", "Forwarded: host=evil.example")
    assert b"evil" not in answer.body + repr(answer.headers).encode()


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*;q=0", "\x7f", "image/png"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD", "PROPFIND"])
@pytest.mark.parametrize("path", ["/nowhere", "/api", "/api/v1/", "/api/v1/nowhere", "/api/v2/tasks", "/_docs/no"])
def test_an_unknown_address_is_a_problem_for_everybody(service: Service, method: str, path: str, accept: str) -> None:
    answer = service.ask(request(method, path, f"Accept: {accept}"))
    if path == "/nowhere" and accept == "text/html" and method in {"GET", "HEAD"}:
        assert answer.status in {200, 503}  # the page's, which says itself that it knows none; built or not
        return
    if answer.status == 400:  # a control character in a header is no HTTP
        assert accept == "\x7f"
        return
    assert answer.status == 405 if path == "/_docs/no" and method not in {"GET", "HEAD"} else answer.status == 404
    if method != "HEAD":
        assert answer.problem()["instance"] == path


async def test_head_is_get_without_its_body(make: Factory, client_for: ClientFor, app: FastAPI) -> None:
    person = await make.user()
    task = await make.task(await make.project(person, key="WEB"))
    client = client_for(person)
    for _, path in [(method, path) for method, path in operations(app) if method == "GET"]:
        target = filled(path, project="WEB", task=task["key"], user_id=str(person.id))
        get, head = await client.get(target), await client.head(target)
        assert get.status_code == head.status_code, target
        assert head.content == b""
        assert headers(get) == headers(head), target


def test_a_connection_goes_on_after_head(service: Service) -> None:
    with service.connect() as connection:
        for method in ("HEAD", "GET", "HEAD", "GET"):
            connection.sendall(request(method, "/health/live"))
            answer = Answer.read(connection, method)
            assert (answer.status, answer.headers["content-length"]) == (200, "15")
            assert answer.body == (b"" if method == "HEAD" else b'{"status":"ok"}')


# A provider, a project or a task of this name would be there, too.
_ALSO_A_NAME = {
    "/api/v1/auth/oidc/complete",
    "/api/v1/projects/order",
    *(f"/api/v1/tasks/{word}" for word in ("batch", "bulk", "quick")),
}


async def test_every_address_names_its_methods(client_for: ClientFor, app: FastAPI) -> None:
    client = client_for(None)
    by_path: dict[str, set[str]] = {}
    for method, path in operations(app):
        by_path.setdefault(path, {"OPTIONS"}).update({method} | ({"HEAD"} if method == "GET" else set()))
    for path, methods in by_path.items():
        target = filled(path)
        if path in _ALSO_A_NAME:
            continue
        options = await client.options(target)
        assert options.status_code == 204
        assert set(options.headers["allow"].split(", ")) == methods, path
        for method in {*METHODS, "TRACE", "PROPFIND"} - methods:
            refused = await client.request(method, target)
            assert refused.status_code == 405, (method, path)
            assert refused.headers["allow"] == options.headers["allow"]


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/problems", "/openapi.json", "/_docs/favicon.png"])
async def test_pages_beside_the_api_name_their_methods(client_for: ClientFor, path: str) -> None:
    client = client_for(None)
    assert (await client.get(path)).status_code == 200
    for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE"):
        refused = await client.request(method, path)
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
