"""POST /changes/{id}/revert: what happened to a task is taken back by a new change."""

import asyncio
from typing import Any

import httpx
import pytest

from taskapi.core.access.permissions import Scope
from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from tests.changes.lives import Lives, all_tasks, call, ok
from tests.changes.reverting.undoing import changes, last, refused, revert
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.api_tokens import api_token, carrying
from tests.support.factory import Factory, MadeProject

WEB, WEB_1 = "/projects/WEB", "/tasks/WEB-1"
_BOOKKEEPING = {"updated_at", "version"}


@pytest.fixture(autouse=True)
async def task(make: Factory, web: MadeProject) -> dict[str, Any]:
    return await make.task(web)


def plain(task: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in task.items() if name not in _BOOKKEEPING}


async def test_fields_get_their_earlier_values_by_a_new_change(
    make: Factory, owner: httpx.AsyncClient, client_for: ClientFor, web: MadeProject, task: dict[str, Any]
) -> None:
    await ok(owner, "PATCH", WEB_1, {"title": "Other", "estimate": 3, "due_on": "2026-02-01"})
    change = await last(owner, WEB_1)
    editor = await make.member(web, ProjectRole.EDITOR)
    [made] = await revert(client_for(editor), change)
    assert made["kind"] == "task.updated"
    assert made["actor_id"] == str(editor.id)
    assert made["changes"] == {name: [after, before] for name, (before, after) in change["changes"].items()}
    now = await ok(owner, "GET", WEB_1)
    assert plain(now) == plain(task)
    assert now["version"] == task["version"] + 2


async def test_to_revert_a_revert_is_to_redo(owner: httpx.AsyncClient) -> None:
    await ok(owner, "PATCH", WEB_1, {"title": "Other"})
    for title in ("Task", "Other", "Task"):
        await revert(owner, await last(owner, WEB_1))
        assert (await ok(owner, "GET", WEB_1))["title"] == title


async def test_a_completion_is_taken_back_to_the_moment(owner: httpx.AsyncClient) -> None:
    done = await ok(owner, "POST", f"{WEB_1}/complete")
    await ok(owner, "POST", f"{WEB_1}/reopen")
    await revert(owner, await last(owner, WEB_1))
    assert plain(await ok(owner, "GET", WEB_1)) == plain(done)
    await revert(owner, await last(owner, WEB_1))
    assert (await ok(owner, "GET", WEB_1))["completed_at"] is None


async def test_where_later_changes_touched_the_same_fields_they_are_named(
    owner: httpx.AsyncClient, web: MadeProject
) -> None:
    await ok(owner, "PATCH", WEB_1, {"title": "One", "priority": "high"})
    change = await last(owner, WEB_1)
    await ok(owner, "PATCH", WEB_1, {"title": "Two"})
    await ok(owner, "PATCH", WEB_1, {"estimate": 2})
    later = (await changes(owner, WEB_1))[1]
    answer = await refused(owner, change)
    assert problem(answer) == (409, "changed_since")
    assert answer.json()["changes"] == [
        {
            "id": later["id"],
            "kind": "task.updated",
            "at": later["at"],
            "actor_id": str(web.owner.id),
            "fields": ["title"],
        }
    ]
    await revert(owner, later)
    await revert(owner, change)
    assert (await ok(owner, "GET", WEB_1))["title"] == "Task"


async def test_what_others_changed_meanwhile_stays(owner: httpx.AsyncClient) -> None:
    for key in ("cost", "note"):
        await ok(owner, "POST", f"{WEB}/fields", {"key": key, "name": key, "type": "text"})
    await ok(owner, "PATCH", WEB_1, {"priority": "high", "fields": {"cost": "1"}})
    change = await last(owner, WEB_1)
    await ok(owner, "PATCH", WEB_1, {"title": "Other", "fields": {"note": "2"}})
    await revert(owner, change)
    now = await ok(owner, "GET", WEB_1)
    assert (now["title"], now["priority"], now["fields"]) == ("Other", "none", {"note": "2"})


async def test_what_was_made_goes_to_the_trash_and_comes_back(
    make: Factory, owner: httpx.AsyncClient, web: MadeProject
) -> None:
    made = await make.task(web, "Another")
    [deleted] = await revert(owner, await last(owner, "/tasks/WEB-2"))
    assert deleted["kind"] == "task.deleted"
    [restored] = await revert(owner, deleted)
    assert restored["kind"] == "task.restored"
    assert plain(await ok(owner, "GET", "/tasks/WEB-2")) == plain(made)
    [deleted] = await revert(owner, restored)
    assert (await call(owner, "GET", "/tasks/WEB-2")).status_code == 404


async def test_what_was_made_and_changed_since_stays(owner: httpx.AsyncClient) -> None:
    created = await last(owner, WEB_1)
    await ok(owner, "PATCH", WEB_1, {"title": "Other"})
    answer = await refused(owner, created)
    assert problem(answer) == (409, "changed_since")
    assert [later["fields"] for later in answer.json()["changes"]] == [["title"]]


async def test_what_is_in_the_trash_already_is_not_thrown_away_again(owner: httpx.AsyncClient) -> None:
    created = await last(owner, WEB_1)
    await revert(owner, created)
    answer = await refused(owner, created)
    assert problem(answer) == (409, "changed_since")
    assert [later["kind"] for later in answer.json()["changes"]] == ["task.deleted"]


async def test_a_change_of_a_task_in_the_trash_is_not_found(owner: httpx.AsyncClient) -> None:
    await ok(owner, "PATCH", WEB_1, {"title": "Other"})
    change = await last(owner, WEB_1)
    await ok(owner, "DELETE", WEB_1)
    assert problem(await refused(owner, change)) == (404, "not_found")


async def test_what_is_gone_for_good_stays_gone(owner: httpx.AsyncClient) -> None:
    await ok(owner, "DELETE", f"{WEB_1}?permanent=true")
    assert problem(await refused(owner, await last(owner, WEB, "task.purged"))) == (409, "not_revertible")
    assert problem(await refused(owner, await last(owner, WEB, "task.created"))) == (404, "not_found")


async def test_a_move_to_another_project_is_not_taken_back(
    make: Factory, owner: httpx.AsyncClient, web: MadeProject
) -> None:
    await make.project(web.owner, key="APP")
    await ok(owner, "POST", f"{WEB_1}/move", {"project": "APP"})
    for kind in ("task.moved", "task.left"):
        assert problem(await refused(owner, await last(owner, "/tasks/APP-1", kind))) == (409, "not_revertible")


async def test_a_place_in_the_order_is_given_back_or_the_next_to_it(
    make: Factory, owner: httpx.AsyncClient, web: MadeProject, task: dict[str, Any]
) -> None:
    for title in ("Two", "Three"):
        await make.task(web, title)
    await ok(owner, "POST", f"{WEB_1}/move", {"after": "WEB-3"})
    moved = await last(owner, WEB_1)
    await revert(owner, moved)
    assert (await ok(owner, "GET", WEB_1))["rank"] == task["rank"]
    await revert(owner, await last(owner, WEB_1))
    await ok(owner, "POST", "/tasks/WEB-3/move", {"before": "WEB-2"})
    assert (await ok(owner, "GET", "/tasks/WEB-3"))["rank"] == task["rank"]
    await revert(owner, moved)
    ranks = [(await ok(owner, "GET", f"/tasks/WEB-{number}"))["rank"] for number in (3, 1, 2)]
    assert ranks == sorted(set(ranks))


async def test_what_a_change_names_may_be_gone(owner: httpx.AsyncClient, make: Factory, web: MadeProject) -> None:
    await ok(owner, "POST", f"{WEB}/statuses", {"key": "legal", "name": "Legal", "category": "started"})
    member = await make.member(web, ProjectRole.EDITOR)
    await ok(owner, "PATCH", WEB_1, {"status": "legal", "assignee_ids": [str(member.id)]})
    await ok(owner, "PATCH", WEB_1, {"status": "todo"})
    by_status = await last(owner, WEB_1)
    await ok(owner, "PATCH", WEB_1, {"assignee_ids": []})
    by_assignee = await last(owner, WEB_1)
    status = next(item for item in (await ok(owner, "GET", f"{WEB}/statuses"))["items"] if item["key"] == "legal")
    await ok(owner, "DELETE", f"{WEB}/statuses/{status['id']}")
    await ok(owner, "DELETE", f"{WEB}/members/{member.id}")
    for change, word in ((by_status, "status"), (by_assignee, "member")):
        answer = await refused(owner, change)
        assert problem(answer) == (409, "not_revertible")
        assert word in answer.json()["detail"]


async def test_a_limit_of_work_in_progress_holds_here_too(
    make: Factory, owner: httpx.AsyncClient, web: MadeProject
) -> None:
    await ok(owner, "PATCH", WEB_1, {"status": "in_progress"})
    await ok(owner, "PATCH", WEB_1, {"status": "todo"})
    status = next(item for item in (await ok(owner, "GET", f"{WEB}/statuses"))["items"] if item["key"] == "in_progress")
    await ok(owner, "PATCH", f"{WEB}/statuses/{status['id']}", {"wip_limit": 1})
    await make.task(web, "Two", status="in_progress")
    assert problem(await refused(owner, await last(owner, WEB_1))) == (409, "wip_limit_reached")


async def test_a_task_that_came_again_is_not_reopened_beside_its_successor(owner: httpx.AsyncClient) -> None:
    await ok(owner, "PUT", f"{WEB_1}/recurrence", {"rule": "FREQ=DAILY", "mode": "schedule"})
    before = await ok(owner, "GET", WEB_1)
    await ok(owner, "POST", f"{WEB_1}/complete")
    completed = await last(owner, WEB_1, "task.completed")
    assert problem(await refused(owner, completed)) == (409, "not_revertible")
    await revert(owner, await last(owner, "/tasks/WEB-2"))
    await revert(owner, completed)
    assert plain(await ok(owner, "GET", WEB_1)) == plain(before)


async def test_it_needs_the_rights_of_doing_so_by_hand(
    make: Factory, owner: httpx.AsyncClient, client_for: ClientFor, client: httpx.AsyncClient, web: MadeProject
) -> None:
    await ok(owner, "PATCH", WEB_1, {"title": "Other"})
    change = await last(owner, WEB_1)
    assert problem(await refused(client, change)) == (401, "unauthorized")
    assert problem(await refused(client_for(await make.user()), change)) == (404, "not_found")
    viewer = client_for(await make.member(web, ProjectRole.VIEWER))
    answer = await refused(viewer, change)
    assert problem(answer) == (403, "forbidden")
    assert "task:write" in answer.json()["detail"]
    assert problem(await refused(owner, {"id": new_id()})) == (404, "not_found")
    elsewhere = await make.project(web.owner)
    token = await api_token(make, web.owner, Scope.TASKS_READ, Scope.TASKS_WRITE, project_ids=[elsewhere.id])
    assert problem(await refused(carrying(client, token), change)) == (404, "not_found")
    for scope in (Scope.TASKS_READ, Scope.TASKS_WRITE):
        token = await api_token(make, web.owner, scope)
        assert problem(await refused(carrying(client, token), change)) == (403, "insufficient_scope")
    token = await api_token(make, web.owner, Scope.TASKS_READ, Scope.TASKS_WRITE)
    await ok(owner, "PATCH", WEB, {"archived": True})
    assert problem(await refused(carrying(client, token), change)) == (409, "project_archived")
    await ok(owner, "PATCH", WEB, {"archived": False})
    await revert(carrying(client, token), change)


async def test_an_administrator_may_and_it_is_told(
    make: Factory, owner: httpx.AsyncClient, client_for: ClientFor, tables: Any
) -> None:
    await ok(owner, "PATCH", WEB_1, {"title": "Other"})
    administrator = client_for(await make.user(admin=True))
    await revert(administrator, await last(owner, WEB_1))
    await ok(administrator, "POST", f"/changes/batches/{(await last(owner, WEB_1))['batch_id']}/revert")
    looks = await tables.fetch("SELECT changes #>> '{permission,1}' FROM events WHERE kind = 'admin.access'")
    assert [look[0] for look in looks] == ["task:write", "task:write"]


async def test_who_may_not_is_told_so_whatever_became_of_it(
    make: Factory, owner: httpx.AsyncClient, client_for: ClientFor, web: MadeProject
) -> None:
    for title in ("One", "Two"):
        await ok(owner, "PATCH", WEB_1, {"title": title})
    await ok(owner, "DELETE", WEB_1)
    await ok(owner, "POST", f"{WEB_1}/restore")
    viewer = client_for(await make.member(web, ProjectRole.VIEWER))
    for change in (await changes(owner, WEB_1))[1:]:
        assert problem(await refused(viewer, change)) == (403, "forbidden")


async def test_it_can_be_tried_and_repeated_as_every_write(owner: httpx.AsyncClient) -> None:
    await ok(owner, "PATCH", WEB_1, {"title": "Other"})
    path = f"/api/v1/changes/{(await last(owner, WEB_1))['id']}/revert"
    tried = await owner.post(path, headers={"Prefer": "validate-only"})
    assert tried.headers["preference-applied"] == "validate-only"
    assert [item["kind"] for item in tried.json()["items"]] == ["task.updated"]
    assert (await ok(owner, "GET", WEB_1))["title"] == "Other"
    once, again = [await owner.post(path, headers={"Idempotency-Key": "undo"}) for _ in range(2)]
    assert once.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len(await changes(owner, WEB_1)) == 3


async def test_of_two_at_once_one_wins(live: Factory) -> None:
    web = await live.project(key="WEB")
    await live.task(web)
    owner = live.client(web.owner)
    label = await ok(owner, "POST", f"{WEB}/labels", {"name": "bug", "color": "#d73a4a"})
    await ok(owner, "PATCH", f"{WEB}/labels/{label['id']}", {"name": "defect"})
    await ok(owner, "PATCH", WEB_1, {"title": "Other"})
    both = [await last(owner, WEB_1, "task.updated"), await last(owner, WEB, "label.updated")]
    await ok(owner, "POST", f"{WEB}/milestones", {"name": "One"})
    both.append(await last(owner, WEB, "milestone.created"))
    await live.task(web, "Two")
    both.append(await last(owner, "/tasks/WEB-2"))
    for change in both:
        answers = await asyncio.gather(*(refused(owner, change) for _ in range(3)))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        assert {problem(answer)[1] for answer in answers if not answer.is_success} == {"changed_since"}


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_last_changes_taken_back_one_by_one_leave_what_was_before_them(
    make: Factory, owner: httpx.AsyncClient, web: MadeProject, seed: int
) -> None:
    lives = Lives(make, owner, [web], seed)
    await lives.begin()
    for _ in range(10):
        await lives.step()
    before, mark = _as_is(await all_tasks(make)), await last(owner, WEB)
    for _ in range(50):
        await lives.step()
    done = await changes(owner, WEB)
    since = done[: [change["id"] for change in done].index(mark["id"])]
    assert len(since) > 20
    for change in since:
        if not await _went_along(owner, change):
            await revert(owner, change)
    after = _as_is(await all_tasks(make))
    assert {key: after[key] for key in before} == before
    assert all(after[key]["deleted_at"] for key in after.keys() - before.keys())


async def _went_along(owner: httpx.AsyncClient, change: dict[str, Any]) -> bool:
    """A task that a parent took along to the trash, or back from there, may be where it shall be already."""
    answer = await call(owner, "GET", f"/tasks/{change['subject_id']}")
    return (change["kind"] == "task.deleted" and answer.is_success) or (
        change["kind"] in {"task.restored", "task.created"} and answer.status_code == 404
    )


def _as_is(tasks: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """When it went to the trash is told by the last time that it did."""
    return {key: {**plain(task), "deleted_at": task["deleted_at"] is not None} for key, task in tasks.items()}
