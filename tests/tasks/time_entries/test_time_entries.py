"""Time is written down or measured: everybody's own, one timer a person, and summed up for the task."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, faults, pointers, problem, walk
from tests.support.api_tokens import api_token, carrying
from tests.support.change_log import entries, kinds
from tests.support.factory import Factory, MadeProject

WEB_1, WEB_2 = "/api/v1/tasks/WEB-1", "/api/v1/tasks/WEB-2"
ENTRIES, TIMER, MINE = f"{WEB_1}/time-entries", f"{WEB_1}/timer", "/api/v1/users/me/timer"
NINE, TEN = "2026-11-20T09:00:00.000000Z", "2026-11-20T10:00:00.000000Z"


async def worked(client: httpx.AsyncClient, **given: Any) -> dict[str, Any]:
    made = await client.post(ENTRIES, json={"started_at": NINE, "seconds": 3600, **given})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def test_time_is_written_down_changed_and_deleted(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    task = await make.task(web)
    made = await owner.post(ENTRIES, json={"started_at": NINE, "ended_at": TEN, "note": "Wrote"})
    entry = made.json()
    assert entry == {
        "id": entry["id"],
        "task_id": task["id"],
        "user_id": str(web.owner.id),
        "started_at": NINE,
        "ended_at": TEN,
        "seconds": 3600,
        "note": "Wrote",
        "created_at": entry["created_at"],
        "version": 1,
    }
    one = made.headers["location"]
    assert (await owner.get(one)).json() == entry
    changed = await owner.patch(one, json={"seconds": 60, "note": None}, headers={"If-Match": '"1"'})
    assert (changed.json()["ended_at"], changed.json()["note"]) == ("2026-11-20T09:01:00.000000Z", None)
    assert (await owner.patch(one, json={"started_at": "2026-11-20T09:00:30Z"})).json()["seconds"] == 30
    assert (await owner.patch(one, json={"note": None})).headers["etag"] == '"3"'
    assert problem(await owner.delete(one, headers={"If-Match": '"1"'})) == (412, "precondition_failed")
    assert (await owner.delete(one)).status_code == 204
    told = await entries(tables, entry["id"])
    assert [fact.kind.partition(".")[2] for fact in told] == ["created", "updated", "updated", "deleted"]
    assert (told[0].subject_key, told[0].project_id) == ("WEB-1", web.id)
    assert told[1].changes["seconds"] == [3600, 60]


@pytest.mark.parametrize(
    "body",
    [
        {"seconds": 60},
        {"started_at": NINE},
        {"started_at": NINE, "ended_at": TEN, "seconds": 3600},
        {"started_at": NINE, "seconds": -1},
        {"started_at": NINE, "seconds": 7 * 24 * 3600 + 1},
        {"started_at": TEN, "ended_at": NINE},
        {"started_at": NINE, "ended_at": "2026-11-27T09:00:01Z"},
        {"started_at": NINE, "seconds": 60, "note": "x" * 1001},
        {"started_at": NINE, "seconds": 60, "user_id": "01a1feb0-afe3-7bae-853c-19c295971a25"},
    ],
)
async def test_what_cannot_have_been_worked_is_refused(
    body: dict[str, Any], web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web)
    assert faults(await owner.post(ENTRIES, json=body))


async def test_a_patch_is_judged_on_what_results(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web)
    one = f"{ENTRIES}/{(await worked(owner))['id']}"
    assert faults(await owner.patch(one, json={"ended_at": "2026-11-20T08:00:00Z"})) == [
        ("/ended_at", "ends_before_start")
    ]
    assert faults(await owner.patch(one, json={"started_at": "2026-11-01T08:00:00Z"})) == [("/ended_at", "too_long")]
    assert faults(await owner.patch(one, json={"ended_at": TEN, "seconds": 5}))
    assert pointers(await owner.patch(one, json={"ended_at": None})) == ["/ended_at"]


async def test_members_see_all_and_change_their_own_and_admins_everybodys(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    await make.task(web)
    editor, other = [client_for(await make.member(web, ProjectRole.EDITOR)) for _ in range(2)]
    viewer = client_for(await make.member(web, ProjectRole.VIEWER))
    one = f"{ENTRIES}/{(await worked(editor))['id']}"
    assert column(await viewer.get(ENTRIES), "seconds") == [3600]
    for refused in (await other.patch(one, json={"seconds": 1}), await other.delete(one)):
        assert problem(refused) == (403, "forbidden")
        assert "time_entry:manage" in refused.json()["detail"]
    assert problem(await viewer.post(ENTRIES, json={"started_at": NINE, "seconds": 1})) == (403, "forbidden")
    assert problem(await viewer.post(f"{TIMER}/start")) == (403, "forbidden")
    assert (await editor.patch(one, json={"seconds": 1})).status_code == 200
    assert (await owner.patch(one, json={"seconds": 2})).json()["seconds"] == 2
    assert (await owner.delete(one)).status_code == 204


async def test_the_latest_come_first_page_by_page(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web)
    for hour in (11, 9, 10):
        await worked(owner, started_at=f"2026-11-20T{hour:02}:00:00Z")
    hours = [int(found["started_at"][11:13]) for found in await walk(owner, ENTRIES, limit=1)]
    assert hours == [11, 10, 9]
    assert [found["started_at"][11:13] for found in await walk(owner, ENTRIES, sort="started_at")] == ["09", "10", "11"]


async def test_a_task_tells_its_sum_where_it_is_asked(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    task = await make.task(web)
    await make.task(web)
    await worked(owner)
    await worked(client_for(await make.member(web, ProjectRole.EDITOR)), seconds=60)
    await owner.post(f"{TIMER}/start")
    shown = await owner.get(f"{WEB_1}?expand=time")
    assert shown.json() == {**task, "time": {"seconds": 3660, "running": True}}
    listed = (await owner.get("/api/v1/projects/WEB/tasks?expand=time")).json()["items"]
    assert [found["time"]["seconds"] for found in listed] == [3660, 0]
    assert listed[1]["time"]["running"] is False
    assert "time" not in (await owner.get(WEB_1)).json()


async def test_a_timer_is_started_and_stopped(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    await make.task(web)
    await make.task(web)
    assert (await owner.get(MINE)).json() == {"timer": None}
    started = await owner.post(f"{TIMER}/start")
    entry = started.json()
    assert (started.status_code, entry["ended_at"], entry["seconds"]) == (201, None, None)
    assert started.headers["location"] == f"{ENTRIES}/{entry['id']}"
    assert (await owner.get(MINE)).json() == {"timer": entry}
    for path in (WEB_1, WEB_2):
        taken = await owner.post(f"{path}/timer/start")
        assert problem(taken) == (409, "timer_running")
        assert taken.json()["running"] == entry
        assert "WEB-1" in taken.json()["detail"]
    assert problem(await owner.post(f"{WEB_2}/timer/stop")) == (409, "no_timer_running")
    stopped = (await owner.post(f"{TIMER}/stop")).json()
    length = datetime.fromisoformat(stopped["ended_at"]) - datetime.fromisoformat(entry["started_at"])
    assert stopped["seconds"] == int(length.total_seconds())
    assert problem(await owner.post(f"{TIMER}/stop")) == (409, "no_timer_running")
    assert problem(await owner.post(f"{MINE}/stop")) == (409, "no_timer_running")
    assert await kinds(tables, entry["id"]) == ["time_entry.created", "time_entry.updated"]
    assert (await owner.post(f"{WEB_2}/timer/start")).status_code == 201


async def test_a_timer_that_was_forgotten_ends_after_a_week(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    await make.task(web)
    entry = (await owner.post(f"{TIMER}/start")).json()
    await tables.execute("UPDATE time_entries SET started_at = now() - interval '30 days'")
    stopped = (await owner.post(f"{MINE}/stop")).json()
    assert (stopped["id"], stopped["seconds"]) == (entry["id"], timedelta(days=7).total_seconds())


async def test_a_running_entry_is_stopped_by_giving_it_an_end(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web)
    one = (await owner.post(f"{TIMER}/start")).headers["location"]
    assert (await owner.patch(one, json={"note": "Thinking"})).json()["ended_at"] is None
    assert (await owner.patch(one, json={"seconds": 90})).json()["seconds"] == 90
    assert (await owner.get(MINE)).json() == {"timer": None}


@pytest.mark.slow
async def test_of_many_timers_started_at_once_one_runs(live: Factory) -> None:
    person = await live.user()
    project = await live.project(person, key="WEB")
    for _ in range(5):
        await live.task(project)
    async with live.client(person) as client:
        answers = await asyncio.gather(*(client.post(f"/api/v1/tasks/WEB-{n}/timer/start") for n in range(1, 6)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
        assert {problem(answer)[1] for answer in answers if answer.status_code == 409} == {"timer_running"}
        stops = await asyncio.gather(*(client.post(f"{MINE}/stop") for _ in range(4)))
        assert sorted(answer.status_code for answer in stops) == [200, 409, 409, 409]


async def test_nothing_runs_that_its_owner_cannot_stop(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    """In an archived project, in the trash, and where one has become a viewer."""
    await make.task(web)
    person = await make.member(web, ProjectRole.EDITOR)
    editor = client_for(person)
    await editor.post(f"{TIMER}/start")
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    assert problem(await owner.post(f"{TIMER}/start")) == (409, "project_archived")
    assert problem(await owner.post(ENTRIES, json={"started_at": NINE, "seconds": 1})) == (409, "project_archived")
    assert (await editor.post(f"{TIMER}/stop")).status_code == 200
    await owner.patch("/api/v1/projects/WEB", json={"archived": False})
    await editor.post(f"{TIMER}/start")
    await owner.delete(WEB_1)
    await owner.patch(f"/api/v1/projects/WEB/members/{person.id}", json={"role": "viewer"})
    assert problem(await editor.post(f"{TIMER}/stop")) == (404, "not_found")
    assert (await editor.post(f"{MINE}/stop")).status_code == 200


async def test_leaving_a_project_stops_ones_timer_there_and_nowhere_else(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor, tables: Any
) -> None:
    await make.task(web)
    leaver = client_for(await make.member(web, ProjectRole.EDITOR))
    entry = (await leaver.post(f"{TIMER}/start")).json()
    hers = (await owner.post(f"{TIMER}/start")).json()
    await leaver.post("/api/v1/projects/WEB/leave")
    assert (await leaver.get(MINE)).json() == {"timer": None}
    assert (await entries(tables, entry["id"]))[-1].changes["ended_at"][1] is not None
    assert (await owner.get(MINE)).json() == {"timer": hers}


async def test_a_token_for_some_projects_learns_nothing_of_a_timer_elsewhere(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client: httpx.AsyncClient
) -> None:
    await make.task(web, "Secret")
    other = await make.project(web.owner, key="OPS")
    await make.task(other)
    scopes = ("tasks:read", "tasks:write")
    script = carrying(client, await api_token(make, web.owner, *scopes, project_ids=[other.id]))
    await owner.post(f"{TIMER}/start")
    assert (await script.get(MINE)).json() == {"timer": None}
    assert problem(await script.post(f"{MINE}/stop")) == (409, "no_timer_running")
    taken = await script.post("/api/v1/tasks/OPS-1/timer/start")
    assert problem(taken) == (409, "timer_running")
    assert "WEB" not in taken.text
    await owner.post(f"{MINE}/stop")
    assert (await script.post("/api/v1/tasks/OPS-1/timer/start")).status_code == 201
    assert (await script.get(MINE)).json()["timer"] is not None


async def test_time_moves_with_its_task(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web)
    await make.project(web.owner, key="OPS")
    entry = await worked(owner)
    await owner.post(f"{WEB_1}/move", json={"project": "OPS"})
    assert column(await owner.get("/api/v1/tasks/OPS-1/time-entries"), "id") == [entry["id"]]
