"""Reactions: one emoji of one person under a comment, once however often it is put."""

import asyncio
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
from dirty_equals import IsDatetime, IsStr

from taskapi.core.db.database import unit_of_work
from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from taskapi.tasks.comments.reactions import service as reactions
from taskapi.tasks.comments.reactions.emoji import canonical
from tests.conftest import ClientFor
from tests.support.answers import column, pointers, problem
from tests.support.change_log import entries, kinds
from tests.support.factory import Factory, MadeProject

COMMENTS = "/api/v1/tasks/WEB-1/comments"
THUMB, HEART = "\N{THUMBS UP SIGN}", "\N{HEAVY BLACK HEART}"
_MANY = [chr(0x1F600 + number) for number in range(21)]


@pytest.fixture
async def path(make: Factory, web: MadeProject, owner: httpx.AsyncClient) -> str:
    await make.task(web)
    made = await owner.post(COMMENTS, json={"body": "What do you think?"})
    return f"{COMMENTS}/{made.json()['id']}"


def of(path: str, emoji: str) -> str:
    return f"{path}/reactions/{quote(emoji, safe='')}"


@pytest.mark.parametrize(
    ("text", "emoji"),
    [
        (THUMB, THUMB),
        ("\N{THUMBS UP SIGN}\U0001f3fd", "\N{THUMBS UP SIGN}\U0001f3fd"),
        (HEART, "\u2764\ufe0f"),
        ("\u2764\ufe0f", "\u2764\ufe0f"),
        ("\U0001f44d\ufe0f", "\U0001f44d"),
        ("\u2764\u200d\U0001f525", "\u2764\ufe0f\u200d\U0001f525"),
        ("\u270c\U0001f3ff", "\u270c\U0001f3ff"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",) * 2,
        ("\U0001f3f3\u200d\U0001f308", "\U0001f3f3\ufe0f\u200d\U0001f308"),
        ("\U0001f1e9\U0001f1ea",) * 2,
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",) * 2,
        ("1\u20e3", "1\ufe0f\u20e3"),
        ("#\ufe0f\u20e3",) * 2,
    ],
)
def test_what_an_emoji_is(text: str, emoji: str) -> None:
    assert canonical(text) == emoji
    assert canonical(emoji) == emoji


@pytest.mark.parametrize(
    "text",
    ["", "a", "1", "#", "+1", ":+1:", "👍👍", "👍 ", "👍a", "\u200d", "👍\u200d", "\ufe0f", "\U0001f1e9", "é", "中"],
)
def test_what_is_none(text: str) -> None:
    assert canonical(text) is None


async def test_a_reaction_is_put_once_and_shown_to_everybody(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, client_for: ClientFor, path: str, tables: Any
) -> None:
    before = (await owner.get(path)).json()
    person = await make.member(web, ProjectRole.COMMENTER)
    mine = client_for(person)
    seen = {"emoji": THUMB, "count": 1, "user_ids": [str(person.id)], "mine": True}
    for _ in range(2):
        put = await mine.put(of(path, THUMB))
        assert (put.status_code, put.json()) == (200, {**before, "reactions": [seen]})
    assert (await owner.get(path)).json()["reactions"] == [{**seen, "mine": False}]
    await owner.put(of(path, THUMB))
    await owner.put(of(path, HEART))
    both = [str(person.id), str(web.owner.id)]
    heart = {"emoji": "\u2764\ufe0f", "count": 1, "user_ids": [str(web.owner.id)], "mine": True}
    [listed] = (await owner.get(COMMENTS)).json()["items"]
    assert listed["reactions"] == [{"emoji": THUMB, "count": 2, "user_ids": both, "mine": True}, heart]
    facts = [entry for entry in await entries(tables) if entry.subject_type == "reaction"]
    assert [fact.kind for fact in facts] == ["reaction.added"] * 3
    assert (facts[0].project_id, facts[0].subject_key, facts[0].actor_id) == (web.id, "WEB-1", person.id)
    assert facts[0].changes == {
        "id": [None, str(facts[0].subject_id)],
        "comment_id": [None, before["id"]],
        "emoji": [None, THUMB],
        "user_id": [None, str(person.id)],
        "created_at": [None, IsDatetime(iso_string=True)],
    }


async def test_ones_own_is_taken_away_and_nobody_elses(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, client_for: ClientFor, path: str, tables: Any
) -> None:
    other = client_for(await make.member(web, ProjectRole.EDITOR))
    second = f"{COMMENTS}/{(await owner.post(COMMENTS, json={'body': 'Another'})).json()['id']}"
    for place, emoji in ((path, THUMB), (path, HEART), (second, THUMB)):
        await owner.put(of(place, emoji))
    assert (await other.delete(of(path, THUMB))).status_code == 204
    assert len((await owner.get(path)).json()["reactions"]) == 2
    for _ in range(2):
        assert (await owner.delete(of(path, THUMB))).status_code == 204
    left = [[reaction["emoji"] for reaction in shown] for shown in column(await owner.get(COMMENTS), "reactions")]
    assert left == [["\u2764\ufe0f"], [THUMB]]
    told = [kind for kind in await kinds(tables) if kind.startswith("reaction.")]
    assert told == [*["reaction.added"] * 3, "reaction.removed"]


async def test_it_does_not_make_the_text_another_version(owner: httpx.AsyncClient, path: str) -> None:
    first = await owner.get(path)
    put = await owner.put(of(path, THUMB))
    assert put.headers["etag"] != first.headers["etag"]
    assert put.json()["version"] == 1
    changed = await owner.patch(path, json={"body": "x"}, headers={"If-Match": first.headers["etag"]})
    assert (changed.status_code, changed.json()["reactions"]) == (200, put.json()["reactions"])


async def test_deleting_a_comment_tells_of_its_reactions_too(owner: httpx.AsyncClient, path: str, tables: Any) -> None:
    second = f"{COMMENTS}/{(await owner.post(COMMENTS, json={'body': 'Another'})).json()['id']}"
    for place in (path, second):
        await owner.put(of(place, THUMB))
    await owner.delete(path)
    assert len((await owner.get(second)).json()["reactions"]) == 1
    last = (await entries(tables))[-2:]
    assert [entry.kind for entry in last] == ["reaction.removed", "comment.deleted"]
    assert last[0].changes["emoji"] == [THUMB, None]
    assert last[0].batch_id == last[1].batch_id


async def test_a_comment_has_twenty_different_ones_at_most(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, client_for: ClientFor, path: str
) -> None:
    for emoji in _MANY[:20]:
        assert (await owner.put(of(path, emoji))).status_code == 200
    assert problem(await owner.put(of(path, _MANY[20]))) == (409, "too_many_reactions")
    other = client_for(await make.member(web, ProjectRole.COMMENTER))
    assert (await other.put(of(path, _MANY[0]))).status_code == 200
    await owner.delete(of(path, _MANY[1]))
    assert (await owner.put(of(path, _MANY[20]))).status_code == 200


@pytest.mark.slow
async def test_many_at_once_pass_no_bound_and_count_once(live: Factory) -> None:
    project = await live.project(key="WEB")
    await live.task(project)
    async with live.client(project.owner) as client:
        made = await client.post(COMMENTS, json={"body": "x"})
        path = f"{COMMENTS}/{made.json()['id']}"
        async with unit_of_work(live.app.state.parts.database) as session:
            for emoji in _MANY[:19]:
                await reactions.add_reaction(session, project.owner.caller, "WEB-1", UUID(made.json()["id"]), emoji)
        answers = await asyncio.gather(*(client.put(of(path, emoji)) for emoji in (*_MANY[18:], *_MANY[19:])))
        shown = (await client.get(path)).json()["reactions"]
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 409, 409]
    assert [reaction["count"] for reaction in shown] == [1] * 20


@pytest.mark.parametrize("text", ["a", "👍👍", "%2B1", "x" * 100])
async def test_only_an_emoji_is_one(owner: httpx.AsyncClient, path: str, text: str) -> None:
    for method in ("PUT", "DELETE"):
        assert pointers(await owner.request(method, f"{path}/reactions/{text}")) == ["/path/emoji"]


async def test_who_may_not_comment_puts_none(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, client_for: ClientFor, path: str
) -> None:
    viewer = client_for(await make.member(web, ProjectRole.VIEWER))
    assert problem(await viewer.put(of(path, THUMB))) == (403, "forbidden")
    missing = f"{COMMENTS}/{new_id()}"
    for method in ("PUT", "DELETE"):
        assert problem(await owner.request(method, of(missing, THUMB))) == (404, "not_found")
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    for method in ("PUT", "DELETE"):
        assert problem(await owner.request(method, of(path, THUMB))) == (409, "project_archived")
    await owner.patch("/api/v1/projects/WEB", json={"archived": False})
    await owner.delete("/api/v1/tasks/WEB-1")
    assert problem(await owner.put(of(path, THUMB))) == (404, "not_found")


async def test_fifty_people_are_named_and_all_are_counted(owner: httpx.AsyncClient, path: str, tables: Any) -> None:
    await owner.put(of(path, THUMB))
    await tables.execute(
        "INSERT INTO users (id, username, created_at, updated_at)"
        " SELECT gen_random_uuid(), 'crowd' || n, now(), now() FROM generate_series(1, 60) n"
    )
    await tables.execute(
        "INSERT INTO comment_reactions (id, comment_id, emoji, user_id, created_at)"
        " SELECT gen_random_uuid(), (SELECT id FROM comments), $1, id, now() FROM users WHERE username LIKE 'crowd%'",
        THUMB,
    )
    [[shown]] = column(await owner.get(COMMENTS), "reactions")
    assert (shown["count"], len(shown["user_ids"]), shown["mine"]) == (61, 50, True)
    assert shown["emoji"] == IsStr()
