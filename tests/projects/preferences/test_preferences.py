"""Everybody has favourites and an order of their own projects, which nobody else sees and no fact tells."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, faults, problem, walk
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

PROJECTS = "/api/v1/projects"


@pytest.fixture
async def three(make: Factory) -> dict[str, MadeProject]:
    """Of one person: AA, BB and CC, named so."""
    ana = await make.user("ana")
    return {key: await make.project(ana, key, key) for key in ("AA", "BB", "CC")}


@pytest.fixture
def mine(three: dict[str, MadeProject], client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(three["AA"].owner)


async def test_a_favourite_is_ones_own(
    three: dict[str, MadeProject], mine: httpx.AsyncClient, make: Factory, client_for: ClientFor, tables: Any
) -> None:
    other = client_for(await make.member(three["BB"], ProjectRole.VIEWER))
    told = await tables.fetchval("SELECT count(*) FROM events")
    before = (await mine.get(f"{PROJECTS}/BB")).headers["etag"]
    for _ in range(2):
        assert (await mine.put(f"{PROJECTS}/BB/favourite")).status_code == 204
    found = await mine.get(f"{PROJECTS}/{three['BB'].id}")
    assert found.json()["is_favourite"] is True
    assert (found.headers["etag"] != before, found.json()["version"]) == (True, 1)
    assert column(await mine.get(f"{PROJECTS}?favourite=true"), "key") == ["BB"]
    assert column(await mine.get(f"{PROJECTS}?favourite=false&include=total"), "key") == ["AA", "CC"]
    assert (await other.get(f"{PROJECTS}/BB")).json()["is_favourite"] is False
    assert column(await other.get(f"{PROJECTS}?favourite=true"), "key") == []
    renamed = await mine.patch(f"{PROJECTS}/BB", json={"name": "New"})
    assert (renamed.json()["is_favourite"], renamed.json()["role"]) == (True, "owner")
    for _ in range(2):
        assert (await mine.delete(f"{PROJECTS}/BB/favourite")).status_code == 204
    assert column(await mine.get(f"{PROJECTS}?favourite=true"), "key") == []
    assert await tables.fetchval("SELECT count(*) FROM events") == told + 1


async def test_only_members_have_favourites(
    three: dict[str, MadeProject], mine: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    root, outsider = client_for(await make.user(admin=True)), client_for(await make.user())
    for who in (root, outsider):
        assert problem(await who.put(f"{PROJECTS}/AA/favourite")) == (404, "not_found")
    viewer = await make.member(three["AA"], ProjectRole.VIEWER)
    assert (await client_for(viewer).put(f"{PROJECTS}/AA/favourite")).status_code == 204
    await client_for(viewer).post(f"{PROJECTS}/AA/leave")
    await make.member(three["AA"], ProjectRole.VIEWER, viewer)
    assert (await client_for(viewer).get(f"{PROJECTS}/AA")).json()["is_favourite"] is False
    await mine.patch(f"{PROJECTS}/AA", json={"archived": True})
    assert (await mine.put(f"{PROJECTS}/AA/favourite")).status_code == 204
    await mine.delete(f"{PROJECTS}/AA")
    assert problem(await mine.put(f"{PROJECTS}/AA/favourite")) == (404, "not_found")


async def order(client: httpx.AsyncClient, *projects: MadeProject) -> httpx.Response:
    return await client.post(f"{PROJECTS}/order", json={"project_ids": [str(project.id) for project in projects]})


async def test_projects_stand_in_ones_own_order(three: dict[str, MadeProject], mine: httpx.AsyncClient) -> None:
    async def found(sort: str) -> list[str]:
        return [project["key"] for project in await walk(mine, PROJECTS, sort=sort, limit=1)]

    assert await found("position,name") == ["AA", "BB", "CC"]
    assert (await order(mine, three["CC"], three["AA"], three["CC"])).status_code == 204
    assert await found("position,name") == ["CC", "AA", "BB"]
    assert await found("-position,name") == ["AA", "CC", "BB"]
    await order(mine, three["BB"])
    assert await found("position,name") == ["BB", "AA", "CC"]
    await order(mine)
    assert await found("position,-name") == ["CC", "BB", "AA"]


async def test_only_ones_own_are_ordered(
    three: dict[str, MadeProject], mine: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    foreign = await make.project(key="ELSE")
    await make.member(three["AA"], ProjectRole.OWNER, foreign.owner)
    for project_id in (foreign.id, uuid4()):
        ids = [str(three["AA"].id), str(project_id)]
        refused = await mine.post(f"{PROJECTS}/order", json={"project_ids": ids})
        assert faults(refused) == [("/project_ids/1", "unknown_project")]
    await order(mine, three["BB"])
    theirs = client_for(foreign.owner)
    assert column(await theirs.get(f"{PROJECTS}?sort=-position,-name"), "key") == ["ELSE", "AA"]
    assert (await mine.post(f"{PROJECTS}/order", json={"project_ids": ["AA"]})).status_code == 422
    assert (await mine.post(f"{PROJECTS}/order", json={})).status_code == 422


async def test_a_list_stays_one_statement(mine: httpx.AsyncClient, count_statements: Counting) -> None:
    await mine.get(PROJECTS)
    async with count_statements() as seen:
        await mine.get(f"{PROJECTS}?favourite=true&sort=position,name")
    assert len(seen) == 1
