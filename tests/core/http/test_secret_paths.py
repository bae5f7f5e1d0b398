"""An address that holds a secret is repeated by no problem: those are copied into tickets and chats."""

import httpx
import pytest

from taskapi.core.http import secret_paths
from tests.support.factory import MadeProject

TOKEN = "c2VjcmV0LW9mLWEtbGluaw"


@pytest.mark.parametrize("rest", ["", "/", "/tasks", "/tasks/", "/nothing", "/tasks?limit=0", "/tasks?unknown=1"])
@pytest.mark.parametrize("start", ["/api/v1/shared/", "/api/v2/shared/", "/v1/shared/", "/api/v1/shared//"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_problem_repeats_the_secret(method: str, start: str, rest: str, client: httpx.AsyncClient) -> None:
    answer = await client.request(method, f"{start}{TOKEN}{rest}")
    assert answer.status_code >= 400
    assert TOKEN not in answer.text
    assert answer.json()["instance"].startswith(start.rstrip("/"))


async def test_nor_where_it_is_too_long_or_the_body_is(client: httpx.AsyncClient) -> None:
    for path, body in ((f"/api/v1/shared/{TOKEN}{'x' * 20_000}", b""), (f"/api/v1/shared/{TOKEN}", b"x" * 2_000_000)):
        answer = await client.request("GET", path, content=body)
        assert answer.status_code in {413, 414}
        assert TOKEN not in answer.text


async def test_every_other_address_is_repeated(client: httpx.AsyncClient, web: MadeProject) -> None:
    for path in ("/api/v1/tasks/WEB-99", "/api/v1/projects/SHARED/tasks", "/nowhere", "/shared"):
        assert (await client.get(path)).json()["instance"] == path
        assert secret_paths.shown(path) == path
