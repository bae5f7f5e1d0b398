"""The columns of a project are listed from left to right."""

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, pointers, walk
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

STATUSES = "/api/v1/projects/WEB/statuses"
DEFAULT = ["backlog", "todo", "in_progress", "done", "cancelled"]


@pytest.fixture
async def viewer(make: Factory, client_for: ClientFor) -> httpx.AsyncClient:
    web: MadeProject = await make.project(key="WEB")
    return client_for(await make.member(web, ProjectRole.VIEWER))


async def test_everybody_in_the_project_sees_its_statuses(viewer: httpx.AsyncClient) -> None:
    first = (await viewer.get(STATUSES)).json()["items"][0]
    assert first == {
        "id": first["id"],
        "key": "backlog",
        "name": "Backlog",
        "category": "backlog",
        "position": 0,
        "wip_limit": None,
        "version": 1,
    }
    assert column(await viewer.get(STATUSES), "key") == DEFAULT


async def test_they_are_walked_and_counted(viewer: httpx.AsyncClient) -> None:
    assert [item["key"] for item in await walk(viewer, STATUSES, limit=2)] == DEFAULT
    assert (await viewer.get(f"{STATUSES}?limit=2&page=3")).json()["total"] == 5


async def test_the_list_takes_no_filter(viewer: httpx.AsyncClient) -> None:
    assert pointers(await viewer.get(f"{STATUSES}?category=done")) == ["/query/category"]


async def test_they_are_listed_in_two_round_trips(viewer: httpx.AsyncClient, count_statements: Counting) -> None:
    await viewer.get(STATUSES)
    async with count_statements() as seen:
        await viewer.get(STATUSES)
    assert len(seen) == 2
