"""Comments are written, read, edited and deleted on their task, and each change is told in the change log."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from dirty_equals import IsDatetime

from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, pointers, problem, walk
from tests.support.api_tokens import api_token, carrying
from tests.support.change_log import entries, kinds
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

COMMENTS = "/api/v1/tasks/WEB-1/comments"


@pytest.fixture(autouse=True)
async def task(make: Factory, web: MadeProject) -> dict[str, Any]:
    return await make.task(web)


async def say(client: httpx.AsyncClient, body: str = "Hello", path: str = COMMENTS, **more: str) -> dict[str, Any]:
    made = await client.post(path, json={"body": body, **more})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def test_a_comment_is_written_and_read(
    owner: httpx.AsyncClient, web: MadeProject, task: dict[str, Any], tables: Any
) -> None:
    text = "  **Seen** on `Friday`\r\n\n<b>&amp;</b> \N{PILE OF POO}\n"
    made = await owner.post(COMMENTS, json={"body": text})
    comment = made.json()
    plain = {
        "id": comment["id"],
        "task_id": task["id"],
        "body": text,
        "mentions": [],
        "created_by": str(web.owner.id),
        "created_at": IsDatetime(iso_string=True),
        "edited_at": None,
        "version": 1,
    }
    assert comment == {**plain, "reactions": []}
    assert UUID(comment["id"]).version == 7
    assert made.headers["location"] == f"{COMMENTS}/{comment['id']}"
    found = await owner.get(made.headers["location"])
    assert (found.json(), found.headers["etag"]) == (comment, made.headers["etag"])
    assert (await owner.get(f"/api/v1/tasks/{task['id']}/comments/{comment['id']}")).json() == comment
    again = await owner.get(made.headers["location"], headers={"If-None-Match": found.headers["etag"]})
    assert again.status_code == 304
    [created] = await entries(tables, comment["id"])
    assert (created.kind, created.project_id, created.subject_key) == ("comment.created", web.id, "WEB-1")
    assert created.changes == {name: [None, comment[name]] for name in plain}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/body"),
        ({"body": None}, "/body"),
        ({"body": ""}, "/body"),
        ({"body": " \n\u200b"}, "/body"),
        ({"body": "a\0b"}, "/body"),
        ({"body": "x" * 65_537}, "/body"),
        ({"body": "é" * 32_769}, "/body"),
        ({"body": ["x"]}, "/body"),
        ({"body": "x", "id": "mine"}, "/id"),
        ({"body": "x", "mentions": []}, "/mentions"),
        ({"body": "x", "created_by": "me"}, "/created_by"),
    ],
)
async def test_what_is_wrong_is_pointed_at(owner: httpx.AsyncClient, body: dict[str, Any], pointer: str) -> None:
    assert pointers(await owner.post(COMMENTS, json=body)) == [pointer]


async def test_64_kib_fit(owner: httpx.AsyncClient) -> None:
    assert (await say(owner, "é" * 32_768))["body"] == "é" * 32_768


async def test_a_client_may_choose_the_id_once(owner: httpx.AsyncClient) -> None:
    chosen = str(new_id())
    assert (await say(owner, id=chosen))["id"] == chosen
    assert problem(await owner.post(COMMENTS, json={"body": "x", "id": chosen})) == (409, "id_taken")


async def test_a_repeat_with_the_same_key_says_it_once(owner: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "once"}
    first, second = [await owner.post(COMMENTS, json={"body": "Once"}, headers=headers) for _ in range(2)]
    assert (second.status_code, second.json()) == (201, first.json())
    assert column(await owner.get(COMMENTS), "body") == ["Once"]
    tried = await owner.post(COMMENTS, json={"body": "Tried"}, headers={"Prefer": "validate-only"})
    assert (tried.status_code, tried.json()["body"]) == (201, "Tried")
    assert len(column(await owner.get(COMMENTS), "body")) == 1


async def test_they_are_listed_the_oldest_first_unless_turned_round(owner: httpx.AsyncClient) -> None:
    assert (await owner.get(COMMENTS)).json() == {"items": [], "next_cursor": None, "has_more": False}
    for body in ("one", "two", "three"):
        await say(owner, body)
    assert [comment["body"] for comment in await walk(owner, COMMENTS, limit=1)] == ["one", "two", "three"]
    newest = await walk(owner, COMMENTS, limit=2, sort="-created_at")
    assert [comment["body"] for comment in newest] == ["three", "two", "one"]
    page = (await owner.get(COMMENTS, params={"limit": 2, "page": 2})).json()
    assert ([comment["body"] for comment in page["items"]], page["total"]) == (["three"], 3)
    assert pointers(await owner.get(f"{COMMENTS}?sort=body")) == ["/query/sort"]
    assert pointers(await owner.get(f"{COMMENTS}?author=me")) == ["/query/author"]


async def test_a_list_and_a_comment_are_one_round_trip(owner: httpx.AsyncClient, count_statements: Counting) -> None:
    comment = await say(owner)
    for path in (COMMENTS, f"{COMMENTS}/{comment['id']}"):
        async with count_statements() as seen:
            assert (await owner.get(path)).status_code == 200
        assert len(seen) == 1, seen
    async with count_statements() as seen:
        assert (await owner.get(f"{COMMENTS}/{comment['id']}/revisions")).status_code == 200
    assert len(seen) == 2, "and where the log begins"
    for path, more in ((COMMENTS, 0), (f"{COMMENTS}/{comment['id']}/revisions", 1)):
        async with count_statements() as seen:
            empty = await owner.get(path, params={"limit": 1, "page": 2})
        assert (empty.json()["items"], empty.json()["total"]) == ([], 1)
        asked = [sql for sql in seen if not sql.startswith("SELECT count")]
        assert len(asked) == 2 + more, "an empty page asks whether there is such a thing at all"


async def test_editing_leaves_a_mark_a_new_version_and_one_fact(owner: httpx.AsyncClient, tables: Any) -> None:
    comment = await say(owner, "Helo")
    path = f"{COMMENTS}/{comment['id']}"
    changed = await owner.patch(path, json={"body": "Hello"}, headers={"If-Match": '"1"'})
    edited_at = changed.json()["edited_at"]
    assert changed.json() == {**comment, "body": "Hello", "edited_at": IsDatetime(iso_string=True), "version": 2}
    assert (await owner.get(path)).json() == changed.json()
    told = (await entries(tables, comment["id"]))[-1]
    assert (told.kind, told.changes) == ("comment.updated", {"body": ["Helo", "Hello"], "edited_at": [None, edited_at]})


@pytest.mark.parametrize("body", [{}, {"body": "Hello"}])
async def test_nothing_to_change_changes_nothing(owner: httpx.AsyncClient, tables: Any, body: dict[str, str]) -> None:
    comment = await say(owner)
    answer = await owner.patch(f"{COMMENTS}/{comment['id']}", json=body)
    assert (answer.status_code, answer.json()) == (200, comment)
    assert await kinds(tables, comment["id"]) == ["comment.created"]


async def test_what_it_said_before_stays_readable(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, client_for: ClientFor, tables: Any
) -> None:
    comment = await say(owner, "one")
    other = await say(owner, "other")
    path = f"{COMMENTS}/{comment['id']}"
    for body in ("two", "three"):
        await owner.patch(path, json={"body": body})
    reader = client_for(await make.member(web, ProjectRole.VIEWER))
    await tables.execute(
        "INSERT INTO events (id, at, actor_kind, subject_type, subject_id, kind, changes)"
        " SELECT gen_random_uuid(), now(), 'user', 'comment', id, 'comment.updated', $1 FROM comments",
        '{"task_id": ["one", "other"]}',
    )
    revisions = await walk(reader, f"{path}/revisions", limit=2)
    assert [revision["body"] for revision in revisions] == ["one", "two", "three"]
    assert {revision["edited_by"] for revision in revisions} == {str(web.owner.id)}
    assert [revision["at"] for revision in revisions] == sorted(revision["at"] for revision in revisions)
    assert column(await owner.get(f"{COMMENTS}/{other['id']}/revisions"), "body") == ["other"]
    await make.task(web)
    for missing in (f"{COMMENTS}/{new_id()}/revisions", f"/api/v1/tasks/WEB-2/comments/{comment['id']}/revisions"):
        assert problem(await owner.get(missing)) == (404, "not_found")


async def test_a_stale_version_changes_and_deletes_nothing(owner: httpx.AsyncClient) -> None:
    comment = await say(owner)
    path, stale = f"{COMMENTS}/{comment['id']}", {"If-Match": '"7"'}
    for answer in (
        await owner.patch(path, json={"body": "x"}, headers=stale),
        await owner.delete(path, headers=stale),
    ):
        assert problem(answer) == (412, "precondition_failed")
        assert answer.json()["current"] == comment
    assert (await owner.get(path)).json() == comment


@pytest.mark.slow
async def test_of_two_who_edit_the_same_version_at_once_one_is_told(live: Factory) -> None:
    project = await live.project(key="WEB")
    await live.task(project)
    async with live.client(project.owner) as client:
        path = f"{COMMENTS}/{(await say(client))['id']}"
        seen = {"If-Match": '"1"'}
        texts = [f"Edit {number}" for number in range(4)]
        answers = await asyncio.gather(*(client.patch(path, json={"body": text}, headers=seen) for text in texts))
        revisions = column(await client.get(f"{path}/revisions"), "body")
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    [kept] = [answer.json()["body"] for answer in answers if answer.status_code == 200]
    assert revisions == ["Hello", kept]


async def test_a_deleted_comment_is_gone_and_leaves_its_text_to_the_log(owner: httpx.AsyncClient, tables: Any) -> None:
    comment = await say(owner, "To be undone")
    path = f"{COMMENTS}/{comment['id']}"
    assert (await owner.delete(path, headers={"If-Match": '"1"'})).status_code == 204
    for answer in (await owner.get(path), await owner.patch(path, json={"body": "x"}), await owner.delete(path)):
        assert problem(answer) == (404, "not_found")
    gone = (await entries(tables, comment["id"]))[-1]
    del comment["reactions"]
    assert (gone.kind, gone.changes) == ("comment.deleted", {name: [value, None] for name, value in comment.items()})


async def test_one_edits_ones_own_and_administrators_of_the_project_delete_any(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, client_for: ClientFor
) -> None:
    people = {role: client_for(await make.member(web, role)) for role in list(ProjectRole)[:-1]}
    viewer, commenter = people[ProjectRole.VIEWER], people[ProjectRole.COMMENTER]
    editor, admin = people[ProjectRole.EDITOR], people[ProjectRole.ADMIN]
    refused = await viewer.post(COMMENTS, json={"body": "x"})
    assert problem(refused) == (403, "forbidden")
    assert "comment:write" in refused.json()["detail"]
    comment = await say(commenter)
    path = f"{COMMENTS}/{comment['id']}"
    assert (await viewer.get(path)).json() == comment
    for other in (viewer, editor, admin, owner):
        answer = await other.patch(path, json={"body": "x"}, headers={"If-Match": '"9"'})
        assert problem(answer) == (403, "forbidden")
    for other in (viewer, editor):
        assert problem(await other.delete(path)) == (403, "forbidden")
    assert "comment:moderate" in (await editor.delete(path)).json()["detail"]
    assert (await commenter.patch(path, json={"body": "Edited"})).status_code == 200
    assert (await admin.delete(path)).status_code == 204
    mine = await say(editor)
    assert (await editor.delete(f"{COMMENTS}/{mine['id']}")).status_code == 204


async def test_whoever_may_not_comment_any_more_does_not_edit_either(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, client_for: ClientFor
) -> None:
    person = await make.member(web, ProjectRole.COMMENTER)
    comment = await say(client_for(person))
    await owner.patch(f"/api/v1/projects/WEB/members/{person.id}", json={"role": "viewer"})
    path = f"{COMMENTS}/{comment['id']}"
    for answer in (await client_for(person).patch(path, json={"body": "x"}), await client_for(person).delete(path)):
        assert problem(answer) == (403, "forbidden")


async def test_a_comment_is_found_on_its_own_task_alone(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject
) -> None:
    await make.task(web)
    comment = await say(owner)
    elsewhere = f"/api/v1/tasks/WEB-2/comments/{comment['id']}"
    for answer in (
        await owner.get(elsewhere),
        await owner.patch(elsewhere, json={"body": "x"}),
        await owner.delete(elsewhere),
        await owner.get("/api/v1/tasks/WEB-9/comments"),
    ):
        assert problem(answer) == (404, "not_found")
    assert column(await owner.get("/api/v1/tasks/WEB-2/comments"), "id") == []


async def test_an_archived_project_keeps_its_comments_as_they_are(owner: httpx.AsyncClient) -> None:
    comment = await say(owner)
    path = f"{COMMENTS}/{comment['id']}"
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    for answer in (
        await owner.post(COMMENTS, json={"body": "x"}),
        await owner.patch(path, json={"body": "x"}),
        await owner.delete(path),
    ):
        assert problem(answer) == (409, "project_archived")
    assert (await owner.get(path)).json() == comment


async def test_comments_go_to_the_trash_with_their_task_and_come_back_with_it(owner: httpx.AsyncClient) -> None:
    comment = await say(owner)
    path = f"{COMMENTS}/{comment['id']}"
    await owner.delete("/api/v1/tasks/WEB-1")
    for answer in (await owner.get(COMMENTS), await owner.get(path), await owner.post(COMMENTS, json={"body": "x"})):
        assert problem(answer) == (404, "not_found")
    await owner.post("/api/v1/tasks/WEB-1/restore")
    assert (await owner.get(path)).json() == comment


async def test_comments_go_where_their_task_goes(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, client_for: ClientFor, tables: Any
) -> None:
    stays = client_for(await make.member(web, ProjectRole.EDITOR))
    comment = await say(stays)
    there = await make.project(web.owner, "ELSE")
    await owner.post("/api/v1/tasks/WEB-1/move", json={"project": "ELSE"})
    path = f"/api/v1/tasks/ELSE-1/comments/{comment['id']}"
    assert (await owner.get(path)).json() == comment
    assert problem(await stays.get(path)) == (404, "not_found")
    assert (await owner.delete(path)).status_code == 204
    gone = (await entries(tables, comment["id"]))[-1]
    assert (gone.kind, gone.project_id, gone.subject_key) == ("comment.deleted", there.id, "ELSE-1")


async def test_an_api_token_reads_with_one_scope_and_writes_with_the_other(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject
) -> None:
    await make.project(web.owner, "ELSE")
    reading = carrying(make.client(), await api_token(make, web.owner, "tasks:read"))
    writing = carrying(make.client(), await api_token(make, web.owner, "tasks:write", project_ids=[web.id]))
    comment = await say(writing)
    assert column(await reading.get(COMMENTS), "id") == [comment["id"]]
    assert problem(await reading.post(COMMENTS, json={"body": "x"})) == (403, "insufficient_scope")
    other = await api_token(make, web.owner, "tasks:read", project_ids=[(await make.project(web.owner)).id])
    assert problem(await carrying(make.client(), other).get(COMMENTS)) == (404, "not_found")


async def test_administrators_of_the_service_look_in_and_leave_a_fact(
    owner: httpx.AsyncClient, make: Factory, client_for: ClientFor, tables: Any, web: MadeProject
) -> None:
    admin = client_for(await make.user(admin=True))
    comment = await say(owner)
    assert (await admin.get(COMMENTS)).json()["items"] == [comment]
    assert column(await admin.get(f"{COMMENTS}/{comment['id']}/revisions"), "body") == ["Hello"]
    assert [kind for kind in await kinds(tables, web.id) if kind == "admin.access"] == ["admin.access"] * 2
