"""`?at=`: a task, or a project, as it was at a moment, rebuilt from the change log."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from taskapi.core.change_log.states import state_at
from taskapi.core.clock import utc_now
from taskapi.core.fields import rfc3339
from taskapi.models import ProjectRole
from taskapi.tasks.past import service as past
from tests.changes.lives import Lives, Remembered, ok
from tests.conftest import ClientFor
from tests.support.answers import pointers, problem
from tests.support.factory import Factory, MadeProject

WEB_1 = "/tasks/WEB-1"
WEB = "/projects/WEB"


@pytest.fixture(autouse=True)
async def task(make: Factory, web: MadeProject) -> dict[str, Any]:
    return await make.task(web)


async def at(client: httpx.AsyncClient, path: str, moment: datetime) -> httpx.Response:
    return await client.get(f"/api/v1{path}", params={"at": rfc3339(moment)})


async def test_a_task_is_shown_as_it_was_at_each_moment(owner: httpx.AsyncClient) -> None:
    label = await ok(owner, "POST", f"{WEB}/labels", {"name": "bug", "color": "#d73a4a"})
    steps: list[tuple[str, str, dict[str, Any] | None]] = [
        ("PATCH", WEB_1, {"title": "Other", "estimate": 2.5, "label_ids": [label["id"]]}),
        ("POST", f"{WEB_1}/complete", None),
        ("POST", f"{WEB_1}/reopen", None),
        ("DELETE", f"{WEB}/labels/{label['id']}", None),
        ("DELETE", WEB_1, None),
        ("POST", f"{WEB_1}/restore", None),
    ]
    seen = [(utc_now(), await ok(owner, "GET", WEB_1))]
    for method, path, body in steps:
        await ok(owner, method, path, body)
        answer = await owner.get(f"/api/v1{WEB_1}")
        seen.append((utc_now(), answer.json() if answer.is_success else None))
    for moment, held in seen:
        answer, then = await at(owner, WEB_1, moment), held
        found = answer.json()
        assert list(found) == list(seen[0][1])
        if then is None:
            assert found["deleted_at"] is not None
            then = {**seen[-1][1], "version": 6, "deleted_at": found["deleted_at"]}
        assert {**found, "updated_at": None} == {**then, "updated_at": None}
        assert "etag" not in answer.headers


async def test_the_newest_state_is_that_of_the_last_change(owner: httpx.AsyncClient) -> None:
    await ok(owner, "PATCH", WEB_1, {"title": "Other"})
    now = await ok(owner, "GET", WEB_1)
    then = (await at(owner, WEB_1, utc_now() + timedelta(days=900))).json()
    apart = datetime.fromisoformat(then.pop("updated_at")) - datetime.fromisoformat(now.pop("updated_at"))
    assert then == now
    assert timedelta() <= apart < timedelta(seconds=5)


async def test_before_it_was_made_there_was_nothing(owner: httpx.AsyncClient, task: dict[str, Any]) -> None:
    made = datetime.fromisoformat(task["created_at"])
    for path in (WEB_1, WEB):
        assert problem(await at(owner, path, made - timedelta(days=1))) == (404, "not_found")
    assert (await at(owner, WEB_1, made + timedelta(seconds=1))).is_success


@pytest.mark.parametrize("moment", ["", "2026-01-01", "2026-01-01T00:00:00", "yesterday", "1767225600", "null"])
@pytest.mark.parametrize("path", [WEB_1, WEB])
async def test_a_moment_has_a_time_and_a_zone(owner: httpx.AsyncClient, path: str, moment: str) -> None:
    answer = await owner.get(f"/api/v1{path}", params={"at": moment})
    assert problem(answer) == (422, "validation_error")
    assert pointers(answer) == ["/query/at"]


async def test_a_moment_may_be_told_in_any_zone(owner: httpx.AsyncClient, task: dict[str, Any]) -> None:
    assert (await owner.get(f"/api/v1{WEB_1}", params={"at": "2999-01-01T02:00:00+02:00"})).json()["id"] == task["id"]


async def test_what_is_expanded_is_of_now_alone(owner: httpx.AsyncClient) -> None:
    answer = await owner.get(f"/api/v1{WEB_1}", params={"at": rfc3339(utc_now()), "expand": "project"})
    assert problem(answer) == (422, "validation_error")


async def test_only_who_may_read_it_now_looks_back(
    make: Factory, client_for: ClientFor, owner: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    moment = utc_now()
    for path in (WEB_1, WEB):
        assert problem(await at(client_for(await make.user()), path, moment)) == (404, "not_found")
        assert problem(await at(client, path, moment)) == (401, "unauthorized")
    await ok(owner, "DELETE", WEB_1)
    assert problem(await at(owner, WEB_1, moment)) == (404, "not_found")
    await ok(owner, "DELETE", WEB)
    assert problem(await at(owner, WEB, moment)) == (404, "not_found")


async def test_who_is_not_in_the_project_that_it_was_in_sees_it_from_the_move_on(
    make: Factory, client_for: ClientFor, owner: httpx.AsyncClient, web: MadeProject
) -> None:
    before, app = utc_now(), await make.project(web.owner, key="APP")
    await ok(owner, "POST", f"{WEB_1}/move", {"project": "APP"})
    newcomer = client_for(await make.member(app, ProjectRole.OWNER))
    path = "/tasks/APP-1"
    assert problem(await at(newcomer, path, before)) == (404, "not_found")
    assert (await at(newcomer, path, utc_now())).json()["key"] == "APP-1"
    assert (await at(owner, path, before)).json()["key"] == "WEB-1"
    await ok(owner, "DELETE", WEB)
    assert (await at(owner, path, before)).json()["key"] == "WEB-1"


async def test_where_the_log_has_been_shortened_there_is_no_half_of_a_state(
    owner: httpx.AsyncClient, tables: Any
) -> None:
    for path in (WEB_1, WEB):
        await ok(owner, "PATCH", path, {"description": "Other"})
    await tables.execute("DELETE FROM events WHERE kind IN ('task.created', 'project.created')")
    for path in (WEB_1, WEB):
        assert problem(await at(owner, path, utc_now())) == (404, "not_found")


async def test_a_field_that_the_log_did_not_tell_yet_is_empty(
    owner: httpx.AsyncClient, task: dict[str, Any], web: MadeProject, tables: Any
) -> None:
    """As in facts that an older version wrote."""
    younger = ["label_ids", "fields", "recurrence", "milestone_id", "estimate_unit", "defaults", "is_template"]
    await tables.execute("UPDATE events SET changes = changes - $1::text[]", younger)
    found = (await at(owner, WEB_1, utc_now())).json()
    assert {name: found[name] for name in younger[:4]} == {
        "label_ids": [],
        "fields": {},
        "recurrence": None,
        "milestone_id": None,
    }
    found = (await at(owner, WEB, utc_now())).json()
    assert {name: found[name] for name in younger[4:]} == {
        "estimate_unit": "points",
        "defaults": {},
        "is_template": False,
    }


async def test_the_order_is_that_of_the_changes_and_not_of_the_transactions(
    owner: httpx.AsyncClient, task: dict[str, Any], tables: Any
) -> None:
    """One that began sooner may have waited for the task, and changed it later."""
    for title in ("One", "Two"):
        await ok(owner, "PATCH", WEB_1, {"title": title})
    await tables.execute("UPDATE events SET xid = (1000000 - seq)::text::xid8 WHERE subject_id = $1", UUID(task["id"]))
    assert (await at(owner, WEB_1, utc_now())).json()["title"] == "Two"
    found = (await owner.get(f"/api/v1{WEB_1}/history")).json()["items"]
    assert [item["changes"]["title"][1] for item in found] == ["Two", "One", "Task"]


async def test_a_project_is_shown_as_it_was(
    make: Factory, client_for: ClientFor, owner: httpx.AsyncClient, web: MadeProject
) -> None:
    steps: list[dict[str, Any]] = [{"name": "Other"}, {"archived": True}, {"archived": False}, {"color": "#2f6feb"}]
    seen = [(utc_now(), await ok(owner, "GET", WEB))]
    for body in steps:
        await ok(owner, "PATCH", WEB, body)
        seen.append((utc_now(), await ok(owner, "GET", WEB)))
    member = await make.member(web, ProjectRole.VIEWER)
    await ok(owner, "POST", f"{WEB}/transfer", {"user_id": str(member.id)})
    for moment, then in seen:
        found = (await at(owner, WEB, moment)).json()
        assert {**found, "updated_at": None} == {**then, "updated_at": None, "role": "admin"}
    assert (await at(client_for(member), WEB, seen[0][0])).json()["role"] == "owner"


async def test_in_random_lives_the_log_tells_each_state_that_there_was(
    make: Factory, owner: httpx.AsyncClient, web: MadeProject
) -> None:
    lives = Lives(make, owner, [web, await make.project(web.owner, key="APP")], seed=7)
    remembered = Remembered(make)
    await lives.begin()
    for _ in range(120):
        await lives.step()
        await remembered.look()
    assert len(remembered.states) > 50
    async with make.app.state.parts.database.reader(lambda: None) as session:
        for moment, state in remembered.states:
            found = await state_at(session, UUID(state["id"]), past._KINDS, moment, past._SHAPE)
            assert found is not None
            assert {**found, "updated_at": None} == {**state, "updated_at": None}
