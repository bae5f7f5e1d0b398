"""What a body may hold: so many parts, each name once; and what is said of one that holds more."""

import json
from typing import Any

import httpx
import pytest

from taskapi.core.errors import MAX_FAULTS
from taskapi.core.http.bodies import MAX_FORM_FIELDS, MAX_MARKS
from tests.conftest import ClientFor
from tests.support.answers import faults, pointers, problem
from tests.support.api_tokens import api_token, carrying
from tests.support.factory import Factory

LOGIN, TOKEN = "/api/v1/auth/login", "/api/v1/auth/token"
PROJECTS = "/api/v1/projects"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def sent(client: httpx.AsyncClient, text: str, path: str = LOGIN) -> httpx.Response:
    return await client.post(path, content=text.encode(), headers=JSON)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({f"field {number}": number for number in range(MAX_MARKS // 2 + 1)}),
        "[" + "[]," * MAX_MARKS + "[]]",
        "[" + "{}," * MAX_MARKS + "{}]",
        '["",' + '"a",' * MAX_MARKS + '""]',
        "," * 200_000,
        '{"username": ' + "[" * 150_000,
    ],
    ids=["names", "arrays", "objects", "strings", "commas", "brackets"],
)
async def test_a_body_of_too_many_parts_is_refused(client: httpx.AsyncClient, text: str) -> None:
    refused = await sent(client, text)
    assert problem(refused) == (422, "too_complex")
    assert faults(refused) == [("", "too_complex")]


@pytest.mark.parametrize("text", ["[{,:]}" * 20_000, r"\"" * 20_000 + ":,", r"\\" * 20_000 + ":" * 40_000])
async def test_what_stands_in_a_text_is_no_part(client: httpx.AsyncClient, text: str) -> None:
    refused = await sent(client, f'{{"username": "{text}", "password": "x"}}')
    assert faults(refused) == [("/username", "string_too_long")]


async def test_a_hundred_operations_of_twenty_fields_are_not_too_many(client: httpx.AsyncClient) -> None:
    operation = {f"field_{number}": f"a, b: {number}" for number in range(20)}
    refused = await sent(client, json.dumps({"operations": [operation] * 100}))
    assert problem(refused) == (422, "validation_error")
    assert ("/operations", "extra_forbidden") in faults(refused)


async def test_a_form_has_so_many_fields(client: httpx.AsyncClient) -> None:
    for separator in "&;":
        content = separator.join(f"a{number}=1" for number in range(MAX_FORM_FIELDS + 2))
        refused = await client.post(TOKEN, content=content, headers=FORM)
        assert problem(refused) == (422, "too_complex")


async def test_a_form_has_so_many_escaped_characters(client: httpx.AsyncClient) -> None:
    for count, code in ((MAX_MARKS, "validation_error"), (MAX_MARKS + 1, "too_complex")):
        refused = await client.post(TOKEN, content="password=x&username=" + "%41" * count, headers=FORM)
        assert problem(refused) == (422, code)


async def test_what_stands_in_the_part_of_a_form_is_no_field(client: httpx.AsyncClient) -> None:
    for content in ("&" * 2000, "%41" * 20_000):
        parts = {"username": (None, content), "password": (None, "x")}
        assert faults(await client.post(TOKEN, files=parts)) == [("/username", "string_too_long")]


async def test_twenty_faults_are_told_and_how_many_there_are(client: httpx.AsyncClient) -> None:
    names = {f"field_{number}": 1 for number in range(100)}
    refused = await client.post(LOGIN, json={"username": "a", "password": "b", **names})
    assert pointers(refused) == [f"/field_{number}" for number in range(MAX_FAULTS)]
    assert refused.json()["detail"] == "100 fields are not valid; errors names the first 20"
    parameters = await client.get("/api/v1/auth/oidc", params=names)
    assert len(pointers(parameters)) == MAX_FAULTS


async def test_a_name_that_somebody_made_up_is_cut_to_64_printable_characters(client: httpx.AsyncClient) -> None:
    for name, told in {
        "n" * 65: "n" * 64,
        "é" * 64: "é" * 64,
        "a\0b\x1b[31m\u202ec\u2028": "a\ufffdb\ufffd[31m\ufffdc\ufffd",
        "\0" * 70: "\ufffd" * 64,
    }.items():
        refused = await client.post(LOGIN, json={"username": "a", "password": "b", name: 1})
        assert pointers(refused) == [f"/{told}"]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"username": "a", "password": "b", "username": "a"}', ["/username"]),
        (r'{"username": "a", "password": "b", "\u0075sername": "c"}', ["/username"]),
        ('{"username": "a:b", "password": "c:d", "password": ":"}', ["/password"]),
        ('{"a": {"b": [1, {"c/d": 1, "c/d": 2}]}}', ["/a/b/1/c~1d"]),
        ('[{"": 1, "": 2}, {"x": {"": 1}, "x": 1, "x": 2}]', ["/0/", "/1/x", "/1/x"]),
        ("{" + '"a": 1, ' * 50 + '"b": 2}', ["/a"] * MAX_FAULTS),
    ],
)
async def test_a_name_that_stands_twice_is_refused(client: httpx.AsyncClient, text: str, where: list[str]) -> None:
    refused = await sent(client, text)
    assert faults(refused) == [(pointer, "duplicate_name") for pointer in where]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "a: b", "description": 'at 12:30: {"name": 1, "name": 2}', "key": "WEB"},
        {"name": '"', "description": '\\": \\\\', "key": "WEB"},
        {"name": "name", "description": "name: name", "key": "WEB"},
    ],
)
async def test_colons_and_quotes_in_texts_are_no_names(make: Factory, client_for: ClientFor, body: Any) -> None:
    made = await client_for(await make.user()).post(PROJECTS, json=body)
    assert made.status_code == 201, made.text
    assert {name: made.json()[name] for name in body} == body


async def test_one_name_may_stand_in_many_objects(client: httpx.AsyncClient) -> None:
    refused = await sent(client, '{"a": {"a": {"a": 1}}, "b": [{"a": 1}, {"a": 1}]}')
    assert "duplicate_name" not in refused.text


async def test_where_there_is_nothing_to_say_a_name_is_surplus_however_often(owner: httpx.AsyncClient) -> None:
    refused = await sent(owner, '{"a": 1, "a": 1}', "/api/v1/projects/WEB/restore")
    assert problem(refused) == (422, "validation_error")


@pytest.mark.parametrize("text", ["{", "[" * 200_000, '{"name": 1, "name": 2}', '{"nonsense": 1}'])
async def test_who_asks_is_known_before_the_body_is_parsed(
    make: Factory, client_for: ClientFor, client: httpx.AsyncClient, text: str
) -> None:
    assert problem(await sent(client, text, PROJECTS)) == (401, "unauthorized")
    reader = carrying(client_for(None), await api_token(make, await make.user(), "projects:read"))
    assert problem(await sent(reader, text, PROJECTS)) == (403, "insufficient_scope")
