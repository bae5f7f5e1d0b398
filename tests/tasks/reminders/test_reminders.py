"""Reminders are everybody's own, and their time is true whatever moves it."""

import asyncio
from typing import Any

import httpx
import pytest

from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import column, faults, pointers, problem, walk
from tests.support.change_log import entries, kinds
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

WEB_1, REMINDERS = "/api/v1/tasks/WEB-1", "/api/v1/tasks/WEB-1/reminders"
ME = "/api/v1/users/me"


async def remind(client: httpx.AsyncClient, **given: Any) -> dict[str, Any]:
    made = await client.post(REMINDERS, json=given)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def moment(client: httpx.AsyncClient) -> str | None:
    """When the only reminder is, without the seconds."""
    [found] = column(await client.get(REMINDERS), "remind_at")
    return found[:16] if found else None


async def test_a_reminder_is_set_read_and_deleted(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    task = await make.task(web, due_at="2026-12-01T09:00:00Z")
    made = await owner.post(REMINDERS, json={"minutes_before": 90})
    reminder = made.json()
    assert reminder == {
        "id": reminder["id"],
        "task_id": task["id"],
        "user_id": str(web.owner.id),
        "at": None,
        "minutes_before": 90,
        "remind_at": "2026-12-01T07:30:00.000000Z",
        "created_at": reminder["created_at"],
        "version": 1,
    }
    assert made.headers["location"] == f"{REMINDERS}/{reminder['id']}"
    found = await owner.get(made.headers["location"])
    assert (found.json(), found.headers["etag"]) == (reminder, made.headers["etag"])
    assert (await remind(owner, at="2026-12-01T10:00:00+02:00"))["remind_at"] == "2026-12-01T08:00:00.000000Z"
    stale = await owner.delete(made.headers["location"], headers={"If-Match": '"2"'})
    assert problem(stale) == (412, "precondition_failed")
    assert (await owner.delete(made.headers["location"])).status_code == 204
    assert problem(await owner.delete(made.headers["location"])) == (404, "not_found")
    created, deleted = await entries(tables, reminder["id"])
    told = {name: value for name, value in reminder.items() if name != "remind_at"}
    assert (created.kind, created.subject_key) == ("reminder.created", "WEB-1")
    assert created.changes == {name: [None, value] for name, value in told.items()}
    assert deleted.changes == {name: [value, None] for name, value in told.items()}


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"at": None}, {"at": "2026-12-01T09:00:00Z", "minutes_before": 5}, {"at": "2026-12-01"}),
        *({"minutes_before": -1}, {"minutes_before": 600_000}, {"minutes_before": 1.5}, {"minutes_before": "5"}),
    ],
)
async def test_a_reminder_has_one_moment(
    body: dict[str, Any], web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web)
    assert faults(await owner.post(REMINDERS, json=body))


async def test_a_client_may_choose_the_id_once(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web)
    chosen = str(new_id())
    assert (await remind(owner, minutes_before=5, id=chosen))["id"] == chosen
    assert problem(await owner.post(REMINDERS, json={"minutes_before": 5, "id": chosen})) == (409, "id_taken")
    assert pointers(await owner.post(REMINDERS, json={"minutes_before": 5, "id": "mine"})) == ["/id"]


async def test_it_moves_with_the_due_date_and_the_time_zone(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    """A day is due at nine in the morning, where the person is."""
    await make.task(web)
    await remind(owner, minutes_before=60)
    assert await moment(owner) is None
    await owner.patch(WEB_1, json={"due_on": "2026-12-01"})
    assert await moment(owner) == "2026-12-01T08:00"
    await owner.patch(ME, json={"timezone": "Asia/Tokyo"})
    assert await moment(owner) == "2026-11-30T23:00"
    await owner.patch(WEB_1, json={"due_at": "2026-12-05T12:00:00Z"})
    assert await moment(owner) == "2026-12-05T11:00"
    await owner.patch(WEB_1, json={"due_at": None})
    assert await moment(owner) is None


async def test_an_instant_stays_whatever_the_task_does(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web, due_on="2026-12-01")
    await remind(owner, at="2026-11-30T10:00:00Z")
    await owner.patch(WEB_1, json={"due_on": "2027-12-01"})
    await owner.patch(ME, json={"timezone": "Asia/Tokyo"})
    assert await moment(owner) == "2026-11-30T10:00"


async def test_a_time_zone_that_the_database_does_not_know_is_utc(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    await make.task(web, due_on="2026-12-01")
    await remind(owner, minutes_before=0)
    await tables.execute("UPDATE users SET timezone = 'Mars/Olympus' WHERE id = $1", web.owner.id)
    assert await moment(owner) == "2026-12-01T09:00"
    assert (await owner.patch(WEB_1, json={"due_on": "2026-12-02"})).status_code == 200
    assert await moment(owner) == "2026-12-02T09:00"


async def test_nobody_sees_anothers(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    await make.task(web)
    hers = await remind(owner, minutes_before=5)
    viewer = client_for(await make.member(web, ProjectRole.VIEWER))
    mine = await remind(viewer, minutes_before=10)
    assert column(await viewer.get(REMINDERS), "id") == [mine["id"]]
    for answer in (
        await viewer.get(f"{REMINDERS}/{hers['id']}"),
        await viewer.delete(f"{REMINDERS}/{hers['id']}"),
        await owner.get(f"{REMINDERS}/{mine['id']}"),
    ):
        assert problem(answer) == (404, "not_found")


async def test_twenty_of_a_task_are_enough(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    await make.task(web)
    made = [(await remind(owner, minutes_before=minutes))["id"] for minutes in range(20)]
    assert problem(await owner.post(REMINDERS, json={"minutes_before": 5})) == (409, "too_many_reminders")
    assert [found["id"] for found in await walk(owner, REMINDERS, limit=7)] == made
    assert await remind(client_for(await make.member(web, ProjectRole.VIEWER)), minutes_before=5)


@pytest.mark.slow
async def test_two_at_once_do_not_pass_the_bound_and_a_due_date_set_meanwhile_is_found(live: Factory) -> None:
    person = await live.user()
    project = await live.project(person, key="WEB")
    await live.task(project)
    async with live.client(person) as client:
        for _ in range(18):
            await remind(client, minutes_before=0)
        answers = await asyncio.gather(
            *(client.post(REMINDERS, json={"minutes_before": 0}) for _ in range(4)),
            *(client.patch(WEB_1, json={"due_on": f"2026-12-0{day}"}) for day in (1, 2)),
            client.patch(ME, json={"timezone": "Asia/Tokyo"}),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201, 201, 409, 409]
        due_on = (await client.get(WEB_1)).json()["due_on"]
        assert {found[:16] for found in column(await client.get(REMINDERS), "remind_at")} == {f"{due_on}T00:00"}


async def test_whoever_leaves_is_reminded_no_more(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor, tables: Any
) -> None:
    await make.task(web)
    leaver = client_for(await make.member(web, ProjectRole.VIEWER))
    gone, stays = await remind(leaver, minutes_before=5), await remind(owner, minutes_before=5)
    assert (await leaver.post("/api/v1/projects/WEB/leave")).status_code == 204
    assert await kinds(tables, gone["id"]) == ["reminder.created", "reminder.deleted"]
    assert column(await owner.get(REMINDERS), "id") == [stays["id"]]


async def test_the_next_occurrence_reminds_as_the_last_did(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    """Before it is due; an instant was of that one alone."""
    await make.task(web, due_on="2026-12-01")
    await owner.put(f"{WEB_1}/recurrence", json={"rule": "FREQ=DAILY"})
    await remind(owner, minutes_before=30)
    await remind(owner, at="2026-11-30T10:00:00Z")
    await owner.post(f"{WEB_1}/complete")
    [passed_on] = (await owner.get("/api/v1/tasks/WEB-2/reminders")).json()["items"]
    assert (passed_on["minutes_before"], passed_on["remind_at"][:16]) == (30, "2026-12-02T08:30")
    assert await kinds(tables, passed_on["id"]) == ["reminder.created"]


async def test_an_archived_project_and_the_trash_take_none(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web)
    made = await remind(owner, minutes_before=5)
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    assert problem(await owner.post(REMINDERS, json={"minutes_before": 5})) == (409, "project_archived")
    assert problem(await owner.delete(f"{REMINDERS}/{made['id']}")) == (409, "project_archived")
    await owner.patch("/api/v1/projects/WEB", json={"archived": False})
    await owner.delete(WEB_1)
    assert problem(await owner.get(REMINDERS)) == (404, "not_found")


async def test_a_change_of_a_due_date_asks_nothing_more(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, count_statements: Counting
) -> None:
    await make.task(web)
    await owner.get(WEB_1)
    async with count_statements() as seen:
        await owner.patch(WEB_1, json={"due_on": "2026-12-01"})
    assert [sql.split()[0] for sql in seen if "SAVEPOINT" not in sql] == ["SELECT", "UPDATE", "INSERT"]
