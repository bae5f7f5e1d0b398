"""What a route does not take is refused, and never silently left out: parameters, bodies, trials."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from taskapi.core.http.route import Route
from tests.support.answers import faults, pointers, problem
from tests.support.change_log import kinds
from tests.support.factory import Factory, MadeProject

TASK = "/api/v1/tasks/WEB-1"
JSON = {"Content-Type": "application/json"}
TRY = {"Prefer": "validate-only"}
# The provider sends the browser here, with words of its own (RFC 6749 §4.1.2).
SENT_BY_OTHERS = {"finish_oidc"}


@pytest.fixture
async def web(make: Factory) -> MadeProject:
    project = await make.project(await make.user(admin=True), key="WEB")
    await make.task(project)
    return project


def routes(app: FastAPI) -> Iterator[tuple[str, str, Route]]:
    for route in app.routes:
        if isinstance(route, Route):
            for method in sorted(route.methods or ()):
                yield method, re.sub(r"\{[^}]+\}", "no-such-thing", route.path), route


def body_for(route: Route) -> dict[str, Any]:
    """Of the type that the route takes."""
    if route.name in {"token", "unsubscribe"}:
        return {"data": {"nonsense": "1"}}
    return {"json": {"nonsense": 1}} if route.body_field is not None else {}


async def test_every_route_refuses_parameters_that_it_does_not_know(app: FastAPI, owner: httpx.AsyncClient) -> None:
    """By their names alone, in the pointer; with a body or without, a read or a write."""
    asked = 0
    for method, path, route in routes(app):
        if route.name in SENT_BY_OTHERS:
            continue
        answer = await owner.request(method, f"{path}?secret=canary&secret=canary&other=", **body_for(route))
        assert ("/query/secret", "extra_forbidden") in faults(answer), f"{method} {path}"
        assert "canary" not in answer.text
        asked += 1
    assert asked > 60


async def test_a_misspelt_parameter_deletes_nothing(owner: httpx.AsyncClient, tables: Any) -> None:
    before = await kinds(tables)
    assert faults(await owner.delete(f"{TASK}?permanant=true")) == [("/query/permanant", "extra_forbidden")]
    assert faults(await owner.delete("/api/v1/projects/WEB?permanent=true")) == [
        ("/query/permanent", "extra_forbidden")
    ]
    assert await kinds(tables) == before
    assert (await owner.get(TASK)).status_code == 200


async def test_who_asks_comes_before_what_is_asked(app: FastAPI, client: httpx.AsyncClient) -> None:
    for method, path, route in routes(app):
        if not route.guards:
            continue
        answer = await client.request(method, f"{path}?nonsense=1", **body_for(route), headers=TRY)
        assert problem(answer) == (401, "unauthorized"), f"{method} {path}"
        if route.is_write and route.body_field is None and route.receiver is None:
            answer = await client.request(method, path, json={"nonsense": 1})
            assert problem(answer) == (401, "unauthorized"), f"{method} {path}"


async def test_a_refusal_of_the_shape_does_not_depend_on_what_exists(owner: httpx.AsyncClient) -> None:
    there, missing = [await owner.delete(f"/api/v1/tasks/{key}?x=1") for key in ("WEB-1", "WEB-9")]
    assert there.json()["errors"] == missing.json()["errors"]


async def test_a_write_without_a_body_refuses_one(app: FastAPI, owner: httpx.AsyncClient) -> None:
    asked = 0
    for method, path, route in routes(app):
        if not route.is_write or route.body_field is not None or route.receiver is not None:
            continue
        asked += 1
        assert pointers(await owner.request(method, path, json={"status": "cancelled"})) == [""], path
        for body in (b"[]", b"null", b"0", b'"x"'):
            assert problem(await owner.request(method, path, content=body, headers=JSON))[0] == 422, path
        assert problem(await owner.request(method, path, content=b"{", headers=JSON)) == (400, "malformed_body")
        for headers in ({}, {"Content-Type": "text/plain"}, JSON | {"Content-Encoding": "gzip"}):
            refused = await owner.request(method, path, content=b"junk", headers=headers)
            assert problem(refused) == (415, "unsupported_media_type"), path
    assert asked >= 10


@pytest.mark.parametrize("body", [b"", b"{}", b" {\n} "])
async def test_an_empty_body_says_nothing_and_is_taken(body: bytes, owner: httpx.AsyncClient) -> None:
    assert (await owner.post(f"{TASK}/complete", content=body, headers=JSON)).json()["status"] == "done"


async def test_an_empty_body_in_chunks_is_empty(owner: httpx.AsyncClient) -> None:
    async def nothing() -> Any:
        yield b""

    assert (await owner.post(f"{TASK}/complete", content=nothing())).json()["status"] == "done"


async def test_a_body_in_chunks_is_looked_at(owner: httpx.AsyncClient) -> None:
    async def something() -> Any:
        yield b'{"status": '
        yield b'"cancelled"}'

    assert problem(await owner.post(f"{TASK}/complete", content=something(), headers=JSON))[0] == 422
    assert problem(await owner.post(f"{TASK}/complete", content=something()))[0] == 415
    assert (await owner.get(TASK)).json()["status"] == "todo"


async def test_nothing_under_auth_can_be_tried_without_effect(
    app: FastAPI, owner: httpx.AsyncClient, tables: Any
) -> None:
    before, asked = await kinds(tables), 0
    for method, path, route in routes(app):
        if not route.is_write or not route.path.startswith("/api/v1/auth/"):
            continue
        asked += 1
        refused = await owner.request(method, path, headers=TRY, **body_for(route))
        assert problem(refused) == (422, "not_a_dry_run"), path
        assert "preference-applied" not in refused.headers
    assert asked > 15
    assert await kinds(tables) == before
    assert (await owner.get("/api/v1/users/me")).status_code == 200
