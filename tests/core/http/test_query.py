"""Query strings are read strictly: one way to write each value, and nothing said twice."""

import httpx
import pytest

from tests.conftest import ClientFor
from tests.support.answers import faults, problem
from tests.support.factory import Factory

TASKS, PROJECTS = "/api/v1/tasks", "/api/v1/projects"


@pytest.fixture
async def mine(make: Factory, client_for: ClientFor) -> httpx.AsyncClient:
    project = await make.project(key="WEB")
    await make.task(project)
    return client_for(project.owner)


@pytest.mark.parametrize("value", ["yes", "no", "1", "0", "on", "t", "True", "TRUE", " true", "", "true,false"])
async def test_a_boolean_is_true_or_false(value: str, mine: httpx.AsyncClient) -> None:
    assert faults(await mine.get(TASKS, params={"open": value})) == [("/query/open", "bool_parsing")]
    assert faults(await mine.get(PROJECTS, params={"archived": value})) == [("/query/archived", "bool_parsing")]
    refused = await mine.delete(f"{TASKS}/WEB-1", params={"permanent": value})
    assert faults(refused) == [("/query/permanent", "bool_parsing")]


@pytest.mark.parametrize(("value", "found"), [("true", 1), ("false", 0)])
async def test_both_are_taken(value: str, found: int, mine: httpx.AsyncClient) -> None:
    assert len((await mine.get(TASKS, params={"open": value})).json()["items"]) == found


@pytest.mark.parametrize("value", ["5.0", " 5", "5 ", "+5", "1_0", "0x5", "", "\u0665", "five", "9" * 19])
async def test_a_number_is_digits(value: str, mine: httpx.AsyncClient) -> None:
    assert faults(await mine.get(TASKS, params={"limit": value})) == [("/query/limit", "int_parsing")]


async def test_a_number_out_of_bounds_is_told_the_bounds(mine: httpx.AsyncClient) -> None:
    assert faults(await mine.get(TASKS, params={"limit": "-1"})) == [("/query/limit", "greater_than_equal")]
    assert faults(await mine.get(TASKS, params={"limit": "201"})) == [("/query/limit", "less_than_equal")]


@pytest.mark.parametrize("name", ["limit", "sort", "cursor", "page", "q", "open", "parent"])
async def test_what_is_said_twice_is_refused(name: str, mine: httpx.AsyncClient) -> None:
    for query in (f"{name}=1&{name}=1", f"{name}=1&limit=2&{name}=2"):
        pointers = {pointer for pointer, code in faults(await mine.get(f"{TASKS}?{query}")) if code == "repeated"}
        assert f"/query/{name}" in pointers


async def test_lists_may_be_said_in_many(mine: httpx.AsyncClient) -> None:
    assert (await mine.get(f"{TASKS}?status=todo&status=done&priority=low&priority=none")).status_code == 200


@pytest.mark.parametrize("query", ["q=%ff%fe", "%ff=1", "q=caf%e9", "expand=%c3"])
async def test_what_is_not_utf_8_is_a_400(query: str, mine: httpx.AsyncClient) -> None:
    for path in (TASKS, f"{TASKS}/WEB-1", f"{PROJECTS}/WEB", "/api/v1/users/me"):
        assert problem(await mine.get(f"{path}?{query}")) == (400, "bad_request")


async def test_utf_8_is_read_percent_encoded(mine: httpx.AsyncClient) -> None:
    await mine.post(f"{PROJECTS}/WEB/tasks", json={"title": "Crème brûlée"})
    assert len((await mine.get(f"{TASKS}?q=cr%C3%A8me")).json()["items"]) == 1
