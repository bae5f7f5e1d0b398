"""What tests ask of an answer again and again."""

from typing import Any

import httpx

from taskapi.core.http import secret_paths

# Of this one answer, whatever was asked.
_ITS_OWN = {"x-request-id", "ratelimit", "x-ratelimit-remaining", "x-ratelimit-reset"}


def headers(response: httpx.Response) -> dict[str, str]:
    """Those that must be equal where two answers must not be told apart."""
    return {name: value for name, value in response.headers.items() if name not in _ITS_OWN}


def problem(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal, which has to be a whole problem document."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    found = response.json()
    assert found["status"] == response.status_code
    assert found["type"] == f"/problems/{found['code']}"
    assert found["instance"] == secret_paths.shown(response.request.url.path)
    assert found["request_id"] == response.headers["x-request-id"]
    assert found["title"]
    assert found["detail"]
    return response.status_code, found["code"]


def faults(response: httpx.Response) -> list[tuple[str, str]]:
    """Pointer and code of each fault of a 422."""
    assert problem(response)[0] == 422, response.text
    return [(fault["pointer"], fault["code"]) for fault in response.json()["errors"]]


def pointers(response: httpx.Response) -> list[str]:
    return [pointer for pointer, _ in faults(response)]


def column(response: httpx.Response, field: str) -> list[Any]:
    """One field of every item of a list."""
    assert response.status_code == 200, response.text
    return [item[field] for item in response.json()["items"]]


def titles(response: httpx.Response) -> list[str]:
    return column(response, "title")


async def walk(client: httpx.AsyncClient, path: str, **params: Any) -> list[dict[str, Any]]:
    """Every item of a list, page after page by cursor."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    seen: set[str] = set()
    while True:
        response = await client.get(path, params={**params, **cursor})
        assert response.status_code == 200, response.text
        page = response.json()
        items += page["items"]
        assert page["has_more"] == (page["next_cursor"] is not None)
        if not page["has_more"]:
            return items
        cursor = {"cursor": page["next_cursor"]}
        assert page["next_cursor"] not in seen, "the walk goes in a circle"
        seen.add(page["next_cursor"])
