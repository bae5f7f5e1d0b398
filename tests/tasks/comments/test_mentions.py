"""`@username` mentions the members of the project, wherever it stands outside of code."""

from typing import Any

import httpx
import pytest

from taskapi.core.markdown import names_in
from taskapi.models import ProjectRole
from tests.support.change_log import entries
from tests.support.factory import Factory, MadeProject, Person
from tests.support.statements import Counting

COMMENTS = "/api/v1/tasks/WEB-1/comments"


@pytest.fixture(autouse=True)
async def maria(make: Factory, web: MadeProject) -> Person:
    await make.task(web)
    await make.user("stranger")
    return await make.member(web, ProjectRole.VIEWER, await make.user("Maria.Berger-2"))


async def mentions(owner: httpx.AsyncClient, body: str) -> list[str]:
    made = await owner.post(COMMENTS, json={"body": body})
    assert made.status_code == 201, made.text
    found: list[str] = made.json()["mentions"]
    return found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@maria", ["maria"]),
        ("Hello @Maria, and @bo.", ["maria", "bo"]),
        ("@a.b-c_d! (@joe) **@bold** [@linked](http://x.y)", ["a.b-c_d", "joe", "bold", "linked"]),
        ("@bo @maria @bo", ["bo", "maria"]),
        ("> @quoted\n\n- @listed\n\n|a|\n|-|\n|@cell|", ["quoted", "listed", "cell"]),
        ("mail@example.com, @fedi@example.com, x/@y, @@twice", []),
        ("`@code` and ``@more``\n\n```\n@fenced\n```\n\n    @indented", []),
        (r"\@escaped @-dash @", []),
        ("@" + "a" * 41, []),
        ("@" + "a" * 40, ["a" * 40]),
        ("![@image](http://x.y/z.png) <http://example.com/@path>", []),
        (" ".join(f"@n{number}" for number in range(60)), [f"n{number}" for number in range(50)]),
    ],
)
def test_what_a_mention_is(text: str, names: list[str]) -> None:
    assert names_in(text) == names


async def test_members_are_mentioned_whatever_the_case_and_nobody_else(
    owner: httpx.AsyncClient, web: MadeProject, maria: Person
) -> None:
    body = f"@maria.berger-2, @{web.owner.username.upper()}: @stranger @nobody"
    assert await mentions(owner, body) == [str(maria.id), str(web.owner.id)]
    assert await mentions(owner, "`@Maria.Berger-2`") == []


async def test_an_edit_mentions_anew(owner: httpx.AsyncClient, maria: Person, tables: Any) -> None:
    comment = (await owner.post(COMMENTS, json={"body": "Hello"})).json()
    path = f"{COMMENTS}/{comment['id']}"
    named = await owner.patch(path, json={"body": "Hello @Maria.Berger-2"})
    assert named.json()["mentions"] == [str(maria.id)]
    assert (await entries(tables, comment["id"]))[-1].changes["mentions"] == [[], [str(maria.id)]]
    await owner.patch(path, json={"body": "@Maria.Berger-2: hello"})
    assert set((await entries(tables, comment["id"]))[-1].changes) == {"body", "edited_at"}
    assert (await owner.patch(path, json={"body": "Hello"})).json()["mentions"] == []


async def test_what_names_nobody_asks_for_nobody(owner: httpx.AsyncClient, count_statements: Counting) -> None:
    await mentions(owner, "Who it is, is known from here on")
    async with count_statements() as plain:
        await mentions(owner, "Mail to mail@example.com")
    async with count_statements() as naming:
        await mentions(owner, "Hello @Maria.Berger-2")
    assert len(naming) == len(plain) + 1
