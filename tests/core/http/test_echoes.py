"""No refusal repeats what was sent: not a value, not a character of one, from wherever it came."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from taskapi.core.http.route import Route
from tests.conftest import ClientFor
from tests.support.factory import Factory

pytestmark = pytest.mark.slow

CANARY = "Qzj7Xw"
# Each gets further into some parser than the one before.
SHAPES = [
    CANARY,
    f"019{CANARY[0]}0000-0000-7000-8000-000000000000",
    f"2026-01-{CANARY}",
    f"2026-01-31T00:00:00{CANARY}",
    f"12{CANARY}",
    f"{CANARY},{CANARY}-1",
]
HEADERS = ["If-Match", "If-None-Match", "Idempotency-Key", "Prefer", "X-Share-Password", "Authorization"]
# Signing out would end the test; the others would leave nothing to ask about.
ENDING = {"logout", "logout_all", "delete_project", "leave_project"}
JSON = {"Content-Type": "application/json"}
NO_JSON = [f'{{"title": {CANARY}}}', f'{{"title": "{CANARY}', f'{{"{CANARY}', f"{{}}{CANARY}", f'"\\u{CANARY}"']
# A word that a message could have, and a character of an id that no id has.
TELLING = re.compile(rf"{CANARY}|{CANARY.lower()}|`{CANARY[0]}`|'{CANARY[0]}'")


@pytest.fixture
async def owner(make: Factory, client_for: ClientFor) -> httpx.AsyncClient:
    project = await make.project(await make.user(admin=True), key="WEB")
    await make.task(project)
    return client_for(project.owner)


def routes(app: FastAPI) -> Iterator[tuple[str, Route]]:
    for route in app.routes:
        if isinstance(route, Route) and not route.name.endswith("oidc"):
            for method in sorted(route.methods or ()):
                yield method, route


def path_of(route: Route, value: str = "") -> str:
    known = {"project": "WEB", "task": "WEB-1"}

    def given(found: re.Match[str]) -> str:
        return value or known.get(found[1], "019d0000-0000-7000-8000-000000000000")

    return re.sub(r"\{(\w+)[^}]*\}", given, route.path)


def empty_body(route: Route) -> dict[str, Any] | None:
    return {} if route.body_field is not None and route.name != "token" else None


def assert_nothing_is_repeated(answer: httpx.Response, what: str) -> None:
    """Of its own, that is: `instance` is the address that was asked, and a pointer names the field."""
    if answer.status_code < 400:
        return
    problem: dict[str, Any] = {**answer.json(), "instance": None}
    problem["errors"] = [{**fault, "pointer": None} for fault in problem.get("errors", [])]
    assert not TELLING.search(f"{problem} {answer.headers}"), f"{what}: {answer.text}"


@pytest.mark.parametrize("value", SHAPES)
async def test_a_parameter_is_not_repeated(value: str, app: FastAPI, owner: httpx.AsyncClient) -> None:
    refused = 0
    for method, route in routes(app):
        for query in route.queries:
            for name in query.model.model_fields:
                answer = await owner.request(method, path_of(route), params={name: value})
                assert_nothing_is_repeated(answer, f"{method} {route.path}?{name}={value}")
                refused += answer.status_code == 422
        if "{" in route.path:
            answer = await owner.request(method, path_of(route, value), json=empty_body(route))
            assert_nothing_is_repeated(answer, f"{method} {route.path} with {value}")
    assert refused > 20


@pytest.mark.parametrize("value", [CANARY, f'"{CANARY}"'])
async def test_a_header_is_not_repeated(value: str, app: FastAPI, owner: httpx.AsyncClient) -> None:
    for method, route in routes(app):
        if route.name not in ENDING:
            for name in HEADERS:
                sent = {name: f"Bearer {value}" if name == "Authorization" else value}
                answer = await owner.request(method, path_of(route), headers=sent, json=empty_body(route))
                assert_nothing_is_repeated(answer, f"{method} {route.path} with {name}: {value}")


@pytest.mark.parametrize("value", [SHAPES[0], SHAPES[1], SHAPES[3]])
async def test_a_field_is_not_repeated(value: str, app: FastAPI, owner: httpx.AsyncClient) -> None:
    for method, route in routes(app):
        if route.body_field is None or route.name == "token":
            continue
        model: Any = route.body_field.field_info.annotation
        for sent in (value, [value], {CANARY: value}):
            answer = await owner.request(method, path_of(route), json=dict.fromkeys(model.model_fields, sent))
            assert_nothing_is_repeated(answer, f"{method} {route.path} with {sent}")


@pytest.mark.parametrize("body", NO_JSON)
async def test_what_is_no_json_is_not_repeated(body: str, owner: httpx.AsyncClient) -> None:
    for path in ("/api/v1/projects/WEB/tasks", "/api/v1/tasks/WEB-1/complete"):
        answer = await owner.post(path, content=body, headers=JSON)
        assert answer.status_code == 400
        assert_nothing_is_repeated(answer, body)
