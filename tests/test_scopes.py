"""Every route with every scope: an API token opens the routes that its scope names, and none besides (T12)."""

import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from taskapi.core.access.permissions import Scope
from taskapi.core.http.route import Route
from tests.conftest import ClientFor
from tests.support.api_tokens import api_token, carrying
from tests.support.contract import resolved
from tests.support.factory import Factory, Person


def _routes(app: FastAPI) -> Iterator[tuple[str, Route]]:
    """Each route that asks who is there, with its methods."""
    for route in app.routes:
        if isinstance(route, Route) and route.checks_scope:
            for method in sorted(route.methods or ()):
                yield method, route


async def _ask(client: httpx.AsyncClient, method: str, route: APIRoute) -> httpx.Response:
    """With nothing that could succeed: the scope is asked for before anything else of a request."""
    path = re.sub(r"\{[^}]+\}", "no such thing", route.path)
    return await client.request(method, path, json={} if route.body_field else None)


async def _refused(client: httpx.AsyncClient, method: str, route: Route) -> bool:
    answer = await _ask(client, method, route)
    assert answer.status_code != 401, f"{method} {route.path}"
    if answer.headers["content-type"] != "application/problem+json" or answer.json()["code"] != "insufficient_scope":
        return False
    needed = f', scope="{route.scope}"' if route.scope else ""
    assert answer.status_code == 403
    assert answer.headers["www-authenticate"] == f'Bearer error="insufficient_scope"{needed}'
    return True


@pytest.fixture
async def maria(make: Factory) -> Person:
    return await make.user("maria")


@pytest.mark.parametrize("scope", Scope)
async def test_a_scope_opens_its_routes_and_no_others(
    scope: Scope, app: FastAPI, make: Factory, maria: Person, client_for: ClientFor
) -> None:
    alone = carrying(client_for(None), await api_token(make, maria, scope))
    others = carrying(client_for(None), await api_token(make, maria, *(other for other in Scope if other != scope)))
    opened = 0
    for method, route in _routes(app):
        mine = route.scope == scope
        opened += mine
        assert await _refused(alone, method, route) is not mine, f"{method} {route.path} with {scope}"
        assert await _refused(others, method, route) is (mine or route.scope is None), f"{method} {route.path}"
    assert opened, "a scope that opens nothing"


async def test_the_answer_is_the_same_whatever_is_behind_it(
    make: Factory, maria: Person, client_for: ClientFor
) -> None:
    mine, foreign = await make.project(maria), await make.project()
    script = carrying(client_for(None), await api_token(make, maria, "tasks:read"))
    answers = []
    for key in (mine.key, foreign.key, "NONE", "no key"):
        answer = (await script.get(f"/api/v1/projects/{key}?nonsense=1")).json()
        answers.append({**answer, "instance": "", "request_id": ""})
    assert answers[0]["code"] == "insufficient_scope"
    assert all(answer == answers[0] for answer in answers)


async def test_a_token_comes_as_a_bearer_and_no_other_way(
    app: FastAPI, make: Factory, maria: Person, client_for: ClientFor
) -> None:
    token = await api_token(make, maria, *Scope)
    for method, route in _routes(app):
        for headers in (
            {"Authorization": f"Basic {token}"},
            {"Authorization": f"Token {token}"},
            {"Authorization": token},
            {"X-API-Key": token},
            {"Private-Token": token},
            {"Cookie": f"access_token={token}; __Host-rt={token}"},
        ):
            async with make.client() as client:
                client.headers.update(headers)
                assert (await _ask(client, method, route)).status_code == 401, f"{method} {route.path} {headers}"
        path = re.sub(r"\{[^}]+\}", "no such thing", route.path)
        for name in ("access_token", "token", "private_token", "api_key"):
            answer = await client_for(None).request(method, f"{path}?{name}={token}")
            assert answer.status_code in {401, 415}, f"{method} {path}"


def test_the_document_names_the_scope_of_each_route(app: FastAPI) -> None:
    document = app.openapi()
    for method, route in _routes(app):
        operation = document["paths"][route.path_format][method.lower()]
        named = [role for need in operation["security"] for role in need.get("ApiToken", ["-"])]
        assert named == (["-", route.scope] if route.scope else ["-"])
        assert "insufficient_scope" in resolved(document, operation["responses"]["403"])["description"]
        if route.scope:
            assert f"`{route.scope}`" in operation["description"]
