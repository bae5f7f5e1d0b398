"""What is due is told once: near, past, and when somebody wanted to be reminded."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.notifications.conftest import INBOX, told
from tests.support.factory import Factory, MadeProject, Person
from tests.support.sweeps import sweep

WEB_1 = "/api/v1/tasks/WEB-1"


@pytest.fixture
async def ana(make: Factory, web: MadeProject) -> Person:
    return await make.member(web, ProjectRole.EDITOR, await make.user("ana"))


@pytest.fixture
def mine(ana: Person, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(ana)


def soon(**later: float) -> str:
    return (datetime.now(UTC) + timedelta(**later)).isoformat()


async def due(make: Factory, mine: httpx.AsyncClient) -> list[str]:
    """The kinds of all that is told, after one more look at what is due."""
    await sweep(make.app, "due_dates")
    return [kind for kind, _ in await told(mine)]


async def test_an_assignee_is_told_once_that_a_task_is_due_soon_and_once_that_it_is_overdue(
    make: Factory, web: MadeProject, ana: Person, mine: httpx.AsyncClient, owner: httpx.AsyncClient
) -> None:
    await make.task(web, "Fix it", assignee_ids=[str(ana.id)], due_at=soon(hours=25))
    assert await due(make, mine) == []
    await owner.patch(WEB_1, json={"due_at": soon(hours=23)})
    assert await due(make, mine) == await due(make, mine) == ["due_soon"]
    await owner.patch(WEB_1, json={"due_at": soon(hours=22)})
    assert await due(make, mine) == ["due_soon", "due_soon"]
    await owner.patch(WEB_1, json={"due_at": soon(seconds=-1)})
    assert await due(make, mine) == await due(make, mine) == ["overdue", "due_soon", "due_soon"]
    assert (await mine.get(INBOX)).json()["items"][0]["actor_id"] is None
    assert await due(make, owner) == []


@pytest.mark.parametrize(
    ("zone", "days", "kinds"),
    [
        *(("UTC", 2, []), ("UTC", 1, ["due_soon"]), ("UTC", 0, ["due_soon"]), ("UTC", -1, ["overdue"])),
        ("UTC", -8, []),
        ("Mars/Olympus", -1, ["overdue"]),
    ],
)
async def test_a_day_is_due_where_its_person_is(
    zone: str,
    days: int,
    kinds: list[str],
    make: Factory,
    web: MadeProject,
    mine: httpx.AsyncClient,
    ana: Person,
    tables: Any,
) -> None:
    await tables.execute("UPDATE users SET timezone = $2 WHERE id = $1", ana.id, zone)
    day = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
    await make.task(web, "Fix it", assignee_ids=[str(ana.id)], due_on=day)
    assert await due(make, mine) == kinds


async def test_east_of_us_it_is_tomorrow_already(
    make: Factory, web: MadeProject, ana: Person, mine: httpx.AsyncClient, tables: Any
) -> None:
    """Fourteen hours ahead and twelve behind: of two people one is late, and the other has time."""
    west = await make.member(web, ProjectRole.EDITOR)
    people = {"Pacific/Kiritimati": ana, "Etc/GMT+12": west}
    for zone, person in people.items():
        await tables.execute("UPDATE users SET timezone = $2 WHERE id = $1", person.id, zone)
    today = datetime.now(UTC) - timedelta(hours=12)
    ids = [str(person.id) for person in people.values()]
    await make.task(web, "Fix it", assignee_ids=ids, due_on=today.date().isoformat())
    assert await due(make, mine) == ["overdue"]
    async with make.client(west) as theirs:
        assert await due(make, theirs) == ["due_soon"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"{WEB_1}/complete", None),
        ("DELETE", WEB_1, None),
        ("PATCH", "/api/v1/projects/WEB", {"archived": True}),
        ("DELETE", "/api/v1/projects/WEB", None),
    ],
)
async def test_what_is_done_or_put_away_is_due_no_more(
    method: str,
    path: str,
    body: Any,
    make: Factory,
    web: MadeProject,
    ana: Person,
    owner: httpx.AsyncClient,
    tables: Any,
) -> None:
    await make.task(web, "Fix it", assignee_ids=[str(ana.id)], due_at=soon(hours=1))
    async with make.client(ana) as mine:
        await mine.post(f"{WEB_1}/reminders", json={"at": soon(seconds=-1)})
    done = await owner.request(method, path, json=body)
    assert done.is_success, done.text
    await sweep(make.app, "due_dates")
    await sweep(make.app, "reminders")
    assert await tables.fetchval("SELECT count(*) FROM notifications") == 0


async def test_a_reminder_is_sent_once_and_again_when_its_moment_moves(
    make: Factory, web: MadeProject, ana: Person, mine: httpx.AsyncClient, owner: httpx.AsyncClient
) -> None:
    await make.task(web, "Fix it", due_at=soon(hours=2))
    await mine.post(f"{WEB_1}/reminders", json={"minutes_before": 60})
    await sweep(make.app, "reminders")
    assert await told(mine) == []
    await owner.patch(WEB_1, json={"due_at": soon(minutes=59)})
    for _ in range(2):
        await sweep(make.app, "reminders")
    assert await told(mine) == [("reminder", "Fix it")]
    await owner.patch(WEB_1, json={"due_at": soon(minutes=58)})
    await sweep(make.app, "reminders")
    assert len(await told(mine)) == 2
    assert await told(owner) == []


async def test_a_reminder_of_what_is_done_is_not_sent_when_it_is_reopened(
    make: Factory, web: MadeProject, mine: httpx.AsyncClient, owner: httpx.AsyncClient
) -> None:
    await make.task(web, "Fix it")
    await mine.post(f"{WEB_1}/reminders", json={"at": soon(seconds=-1)})
    await owner.post(f"{WEB_1}/complete")
    await sweep(make.app, "reminders")
    await owner.post(f"{WEB_1}/reopen")
    await sweep(make.app, "reminders")
    assert await told(mine) == []


async def test_more_than_a_step_is_sent_in_several(
    make: Factory, web: MadeProject, mine: httpx.AsyncClient, ana: Person, tables: Any
) -> None:
    task = await make.task(web, "Fix it")
    await tables.execute(
        "INSERT INTO reminders (id, task_id, user_id, at, created_at)"
        " SELECT gen_random_uuid(), $1::text::uuid, $2, now() - interval '1 hour', now() FROM generate_series(1, 501)",
        *(task["id"], ana.id),
    )
    await sweep(make.app, "reminders")
    assert await tables.fetchval("SELECT count(*) FROM notifications") == 501


@pytest.mark.slow
async def test_two_who_look_at_once_tell_once(live: Factory) -> None:
    """As two workers would, did not a lock keep one of them away."""
    ana = await live.user("ana")
    project = await live.project(await live.user(), key="WEB")
    await live.member(project, ProjectRole.EDITOR, ana)
    await live.task(project, assignee_ids=[str(ana.id)], due_at=soon(hours=1))
    async with live.client(ana) as mine:
        await mine.post(f"{WEB_1}/reminders", json={"at": soon(seconds=-1)})
        await asyncio.gather(*(sweep(live.app, "reminders") for _ in range(4)))
        for _ in range(2):
            await sweep(live.app, "due_dates")
        assert sorted(kind for kind, _ in await told(mine)) == ["due_soon", "reminder"]
