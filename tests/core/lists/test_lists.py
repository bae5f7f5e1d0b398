"""However a client varies the order and the limit of any list, nothing is compiled for it."""

import random

import httpx
import pytest
from sqlalchemy import Text, bindparam, func, literal, select

from taskapi.core.db.statements import One, as_text, prepare_text
from taskapi.models import Project
from tests.conftest import ClientFor
from tests.support.answers import pointers
from tests.support.compiling import compiled  # noqa: F401 - a fixture
from tests.support.factory import Factory

SORTS = {
    "/api/v1/projects": ["name", "key", "created_at", "updated_at"],
    "/api/v1/users": ["created_at", "username", "email"],
}


@pytest.fixture
async def admin(make: Factory, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(await make.user(admin=True))


@pytest.mark.parametrize("path", SORTS)
async def test_no_order_and_no_limit_is_compiled_for(
    path: str,
    admin: httpx.AsyncClient,
    compiled: list[str],  # noqa: F811
) -> None:
    chance = random.Random(6)
    assert (await admin.get(path)).status_code == 200
    compiled.clear()
    for _ in range(50):
        names = chance.sample(SORTS[path], chance.randint(1, 3))
        sort = ",".join(chance.choice(["", "-"]) + name for name in names)
        assert (await admin.get(path, params={"sort": sort, "limit": chance.randint(1, 200)})).status_code == 200
    assert compiled == []


@pytest.mark.parametrize(("path", "sort"), [(path, f"{names[0]},-{names[0]}") for path, names in SORTS.items()])
async def test_a_field_counts_once_in_an_order(path: str, sort: str, admin: httpx.AsyncClient) -> None:
    refused = await admin.get(path, params={"sort": sort})
    assert pointers(refused) == ["/query/sort"]
    assert refused.json()["errors"][0]["detail"].endswith("must name each field once")


async def test_an_order_has_three_terms_at_most(admin: httpx.AsyncClient) -> None:
    refused = await admin.get("/api/v1/projects", params={"sort": "name,key,created_at,updated_at"})
    assert refused.json()["errors"][0]["detail"].endswith(
        "must be one to 3 of name, key, created_at, updated_at, position, such as name"
    )


def test_parts_keep_their_names_and_their_constants() -> None:
    part = func.concat(Project.name, bindparam("q", type_=Text), literal("it's"), bindparam("q", type_=Text))
    assert as_text(part) == "concat(projects.name, $q::VARCHAR, 'it''s'::VARCHAR, $q::VARCHAR)"
    statement = prepare_text(f"SELECT {as_text(part)}, $other::int FROM projects WHERE name = $q", row=One[str])
    assert statement.names == {"q", "other"}
    assert (statement.sql.count("$1"), statement.sql.count("$2")) == (3, 1)
    with pytest.raises(TypeError, match="other"):
        statement.arguments({"q": "x"})
    assert as_text(select(Project.id)).startswith("SELECT projects.id")
