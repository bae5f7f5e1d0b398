"""Of two tasks that are the same, one stays: what was said and worked goes there, and the other is cancelled."""

import asyncio
from typing import Any

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import faults, problem, walk
from tests.support.change_log import entries
from tests.support.factory import Factory, MadeProject, Person

API = "/api/v1"
WEB_1, WEB_2 = f"{API}/tasks/WEB-1", f"{API}/tasks/WEB-2"


@pytest.fixture
async def two(web: MadeProject, make: Factory) -> list[dict[str, Any]]:
    return [await make.task(web, title) for title in ("Duplicate", "Original")]


async def merge(client: httpx.AsyncClient, task: str, into: str, **headers: str) -> httpx.Response:
    return await client.post(f"{API}/tasks/{task}/merge", json={"into": into}, headers=headers)


async def watchers(client: httpx.AsyncClient, task: str) -> dict[str, list[str]]:
    return {item["user"]["username"]: item["reasons"] for item in await walk(client, f"{API}/tasks/{task}/watchers")}


async def test_what_was_said_and_worked_goes_along(
    two: list[dict[str, Any]], owner: httpx.AsyncClient, web: MadeProject, tables: Any
) -> None:
    said = [(await owner.post(f"{WEB_1}/comments", json={"body": f"Seen {n}"})).json() for n in range(2)]
    late = (await owner.post(f"{WEB_2}/comments", json={"body": "Seen here"})).json()
    await owner.put(f"{WEB_1}/comments/{said[0]['id']}/reactions/%F0%9F%91%8D")
    entry = {"started_at": "2026-11-20T12:00:00Z", "seconds": 60}
    worked = (await owner.post(f"{WEB_1}/time-entries", json=entry)).json()
    running = (await owner.post(f"{WEB_1}/timer/start")).json()
    reminder = (await owner.post(f"{WEB_1}/reminders", json={"minutes_before": 5})).json()
    await owner.patch(WEB_2, json={"due_at": "2027-01-01T12:00:00Z"})
    told = len(await entries(tables))

    answer = await merge(owner, "WEB-1", two[1]["id"])
    there = await owner.get(WEB_2)
    assert (answer.status_code, answer.json(), answer.headers["etag"]) == (200, there.json(), there.headers["etag"])
    comments = await walk(owner, f"{WEB_2}/comments")
    assert [(one["id"], one["task_id"], one["version"]) for one in comments] == [
        (said[0]["id"], two[1]["id"], 2),
        (said[1]["id"], two[1]["id"], 2),
        (late["id"], two[1]["id"], 1),
    ]
    assert [one["emoji"] for one in comments[0]["reactions"]] == ["👍"]
    assert comments[0]["edited_at"] is None
    entries_there = await walk(owner, f"{WEB_2}/time-entries")
    assert {one["id"] for one in entries_there} == {worked["id"], running["id"]}
    assert (await owner.get(f"{API}/users/me/timer")).json()["timer"]["task_id"] == two[1]["id"]
    [moved] = await walk(owner, f"{WEB_2}/reminders")
    assert (moved["id"], moved["remind_at"]) == (reminder["id"], "2027-01-01T11:55:00.000000Z")
    for what in ("comments", "time-entries", "reminders"):
        assert await walk(owner, f"{WEB_1}/{what}") == []

    merged = (await owner.get(WEB_1)).json()
    assert (merged["status"], merged["completed_at"] is None, merged["version"]) == ("cancelled", False, 2)
    [link] = await walk(owner, f"{WEB_1}/links")
    assert (link["type"], link["direction"], link["task"]["key"]) == ("duplicates", "outgoing", "WEB-2")
    facts = (await entries(tables))[told:]
    assert len({fact.batch_id for fact in facts}) == 1
    assert sorted(fact.kind for fact in facts) == [
        *("comment.updated", "comment.updated", "link.created", "reminder.updated", "task.completed"),
        *("time_entry.updated", "time_entry.updated"),
    ]
    for fact in facts:
        if fact.kind.endswith("updated"):
            assert fact.changes == {"task_id": [two[0]["id"], two[1]["id"]]}
            assert (fact.project_id, fact.subject_key) == (web.id, "WEB-2")
    found = (await owner.get(f"{API}/search", params={"q": "seen", "type": "comment"})).json()["items"]
    assert {item["task"]["key"] for item in found} == {"WEB-2"}
    await owner.patch(f"{WEB_2}/comments/{said[0]['id']}", json={"body": "Now this"})
    revisions = await walk(owner, f"{WEB_2}/comments/{said[0]['id']}/revisions")
    assert [one["body"] for one in revisions] == ["Seen 0", "Now this"]


async def test_whoever_watched_goes_on_hearing_of_it(
    two: list[dict[str, Any]], owner: httpx.AsyncClient, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    bo, cy, dee, eve = [
        await make.member(web, ProjectRole.EDITOR, await make.user(name)) for name in ("bo", "cy", "dee", "eve")
    ]
    gone = await make.member(web, ProjectRole.EDITOR, await make.user("gone"))
    await owner.patch(WEB_1, json={"assignee_ids": [str(bo.id), str(gone.id)]})
    await client_for(cy).put(f"{WEB_1}/watch")
    await client_for(dee).post(f"{WEB_1}/comments", json={"body": "Not for me"})
    await client_for(dee).delete(f"{WEB_1}/watch")
    await client_for(eve).put(f"{WEB_1}/watch")
    await client_for(eve).delete(f"{WEB_2}/watch")
    await client_for(gone).delete(f"{WEB_2}/watch")
    await client_for(gone).put(f"{WEB_2}/watch")
    assert (await merge(owner, "WEB-1", "WEB-2")).status_code == 200
    assert await watchers(owner, "WEB-2") == {
        "bo": ["chosen"],
        "cy": ["chosen"],
        "gone": ["chosen"],
        web.owner.username: ["creator"],
    }
    # Who chose to hear of it went along; who chose not to is not called back.
    assert set(await watchers(owner, "WEB-1")) == {"bo", "gone", web.owner.username}


async def test_into_another_project_go_those_who_are_in_it(
    two: list[dict[str, Any]],
    owner: httpx.AsyncClient,
    web: MadeProject,
    make: Factory,
    client_for: ClientFor,
    tables: Any,
) -> None:
    ops = await make.project(web.owner, "OPS")
    original = await make.task(ops, "There")
    both, here = [await make.member(web, ProjectRole.EDITOR, await make.user(name)) for name in ("both", "here")]
    await make.member(ops, ProjectRole.VIEWER, both)
    for person in (both, here):
        mine = client_for(person)
        assert (await mine.put(f"{WEB_1}/watch")).status_code == 204
        assert (await mine.post(f"{WEB_1}/reminders", json={"minutes_before": 5})).status_code == 201
    comment = (await owner.post(f"{WEB_1}/comments", json={"body": "@here"})).json()
    assert problem(await merge(client_for(both), "WEB-1", "OPS-1")) == (403, "forbidden")
    answer = await merge(owner, "WEB-1", "OPS-1")
    assert (answer.status_code, answer.json()["key"]) == (200, "OPS-1")
    assert await watchers(owner, "OPS-1") == {"both": ["chosen"], web.owner.username: ["commenter", "creator"]}
    assert set(await watchers(owner, "WEB-1")) == {"here", web.owner.username}
    assert len(await walk(client_for(here), f"{WEB_1}/reminders")) == 1
    assert len(await walk(client_for(both), f"{API}/tasks/OPS-1/reminders")) == 1
    told = [entry for entry in await entries(tables, comment["id"]) if entry.kind == "comment.updated"]
    assert [(entry.project_id, entry.subject_key) for entry in told] == [(web.id, "WEB-1"), (ops.id, "OPS-1")]
    assert {str(entry.changes) for entry in told} == {str({"task_id": [two[0]["id"], original["id"]]})}


async def test_what_stays_with_the_merged_task(
    two: list[dict[str, Any]], owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    await make.task(web, "Below", parent_id=two[0]["id"])
    await owner.post(f"{WEB_1}/checklist", json={"text": "Look"})
    await owner.post(f"{WEB_1}/links", json={"type": "blocks", "task_id": "WEB-3"})
    await owner.put(f"{WEB_1}/recurrence", json={"rule": "FREQ=DAILY"})
    assert (await merge(owner, "WEB-1", "WEB-2")).status_code == 200
    assert (await owner.get(f"{API}/tasks/WEB-3")).json()["parent_id"] == two[0]["id"]
    assert len(await walk(owner, f"{WEB_1}/checklist")) == 1
    assert [link["type"] for link in await walk(owner, f"{WEB_1}/links")] == ["blocks", "duplicates"]
    # It comes again no more, whatever becomes of it.
    merged = (await owner.get(WEB_1)).json()
    assert (merged["status"], merged["recurrence"]) == ("cancelled", None)
    await owner.patch(WEB_1, json={"status": "done"})
    assert len(await walk(owner, f"{API}/projects/WEB/tasks")) == 3


async def test_one_link_says_which_is_the_duplicate(
    two: list[dict[str, Any]], owner: httpx.AsyncClient, tables: Any
) -> None:
    await owner.post(f"{WEB_2}/links", json={"type": "duplicates", "task_id": "WEB-1"})
    for _ in range(2):
        assert (await merge(owner, "WEB-1", "WEB-2")).status_code == 200
        [link] = await walk(owner, f"{WEB_1}/links")
        assert (link["type"], link["direction"]) == ("duplicates", "outgoing")
    kinds = [entry.kind for entry in await entries(tables)]
    assert (kinds.count("link.created"), kinds.count("link.deleted"), kinds.count("task.completed")) == (2, 1, 1)


async def test_what_cannot_be_merged(
    two: list[dict[str, Any]], owner: httpx.AsyncClient, web: MadeProject, make: Factory, monkeypatch: Any
) -> None:
    assert faults(await merge(owner, "WEB-1", two[0]["id"])) == [("/into", "same_task")]
    trashed = await make.task(web)
    await owner.delete(f"{API}/tasks/{trashed['key']}")
    for into in ("WEB-9", trashed["key"], "nonsense", (await make.task(await make.project(), "Foreign"))["id"]):
        assert problem(await merge(owner, "WEB-1", into)) == (404, "not_found")
    assert problem(await merge(owner, "WEB-1", "WEB-2", **{"If-Match": '"7"'})) == (412, "precondition_failed")
    old = await make.project(web.owner, "OLD")
    await make.task(old)
    await owner.patch(f"{API}/projects/OLD", json={"archived": True})
    assert problem(await merge(owner, "WEB-1", "OLD-1")) == (409, "project_archived")
    assert problem(await merge(owner, "OLD-1", "WEB-1")) == (409, "project_archived")
    await owner.post(f"{WEB_1}/comments", json={"body": "One"})
    await owner.post(f"{WEB_1}/time-entries", json={"started_at": "2026-11-20T12:00:00Z", "seconds": 60})
    for what in ("comments", "time_entries"):
        with monkeypatch.context() as fewer:
            fewer.setattr(f"taskapi.tasks.{what}.service.MAX_COUNTED", 0)
            assert problem(await merge(owner, "WEB-1", "WEB-2")) == (409, "too_much_to_merge")
    with monkeypatch.context() as fewer:
        fewer.setattr("taskapi.tasks.links.service.MOST", 0)
        assert problem(await merge(owner, "WEB-1", "WEB-2")) == (409, "too_many_links")
    assert (await owner.get(WEB_1)).json()["version"] == 1
    assert len(await walk(owner, f"{WEB_1}/comments")) == 1


async def test_a_merged_task_needs_a_status_to_go_to(
    two: list[dict[str, Any]], owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    statuses = await walk(owner, f"{API}/projects/WEB/statuses")
    cancelled = next(status["id"] for status in statuses if status["category"] == "cancelled")
    await owner.patch(f"{API}/projects/WEB/statuses/{cancelled}", json={"wip_limit": 1})
    assert (await merge(owner, "WEB-1", "WEB-2")).status_code == 200
    await make.task(web)
    assert problem(await merge(owner, "WEB-3", "WEB-2")) == (409, "wip_limit_reached")
    await owner.delete(f"{API}/projects/WEB/statuses/{cancelled}?move_to=done")
    refused = await merge(owner, "WEB-3", "WEB-2")
    assert problem(refused) == (409, "no_cancelled_status")
    assert "cancelled" in refused.json()["detail"]


async def test_what_was_merged_itself_takes_no_other(
    two: list[dict[str, Any]], owner: httpx.AsyncClient, web: MadeProject, make: Factory
) -> None:
    await make.task(web, "Third")
    assert (await merge(owner, "WEB-1", "WEB-2")).status_code == 200
    assert problem(await merge(owner, "WEB-2", "WEB-1")) == (409, "is_duplicate_itself")
    assert problem(await merge(owner, "WEB-3", "WEB-1")) == (409, "is_duplicate_itself")
    await owner.post(f"{WEB_1}/reopen")
    assert (await merge(owner, "WEB-3", "WEB-1")).status_code == 200
    # A task that was cancelled because nobody wants it may be what others duplicate.
    await owner.patch(WEB_2, json={"status": "cancelled"})
    assert (await merge(owner, "WEB-1", "WEB-2")).status_code == 200


async def test_many_comments_go_along(two: list[dict[str, Any]], owner: httpx.AsyncClient, tables: Any) -> None:
    await tables.execute(
        "INSERT INTO comments (id, task_id, body, created_by, created_at)"
        " SELECT gen_random_uuid(), t.id, 'Word', t.created_by, now() FROM tasks t, generate_series(1, 1001)"
        " WHERE t.title = 'Duplicate'"
    )
    assert (await merge(owner, "WEB-1", "WEB-2")).status_code == 200
    assert (await owner.get(f"{WEB_2}?expand=comments_count")).json()["comments_count"] == 1001
    assert [entry.kind for entry in await entries(tables)].count("comment.updated") == 1001


@pytest.mark.slow
async def test_of_two_who_merge_each_other_one_does(live: Factory) -> None:
    project = await live.project(key="WEB")
    for title in ("One", "Other"):
        await live.task(project, title)
    async with live.client(project.owner) as first, live.client(project.owner) as second:
        answers = await asyncio.gather(merge(first, "WEB-1", "WEB-2"), merge(second, "WEB-2", "WEB-1"))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        statuses = {(await first.get(f"{API}/tasks/WEB-{n}")).json()["status"] for n in (1, 2)}
        assert statuses == {"todo", "cancelled"}
        assert len(await walk(first, f"{WEB_1}/links")) == 1


@pytest.mark.slow
async def test_what_is_said_meanwhile_is_not_lost(live: Factory) -> None:
    project = await live.project(key="WEB")
    for title in ("One", "Other"):
        await live.task(project, title)
    async with live.client(project.owner) as first, live.client(project.owner) as second:
        said = [second.post(f"{WEB_1}/comments", json={"body": f"{n}"}) for n in range(8)]
        merged, *answers = await asyncio.gather(merge(first, "WEB-1", "WEB-2"), *said)
        assert merged.status_code == 200
        assert {answer.status_code for answer in answers} == {201}
        # Those that came too late are where they were said, and go along the next time.
        assert (await merge(first, "WEB-1", "WEB-2")).status_code == 200
        assert len(await walk(first, f"{WEB_2}/comments")) == 8


async def test_who_may_not_write_both_merges_nothing(
    two: list[dict[str, Any]], web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    outsider: Person = await make.user()
    assert problem(await merge(client_for(outsider), "WEB-1", "WEB-2")) == (404, "not_found")
    commenter = await make.member(web, ProjectRole.COMMENTER)
    refused = await merge(client_for(commenter), "WEB-1", "WEB-2")
    assert problem(refused) == (403, "forbidden")
    assert "task:write" in refused.json()["detail"]
