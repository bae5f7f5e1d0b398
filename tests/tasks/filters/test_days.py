"""Days are the caller's: where it is tomorrow already, what was due today is late."""

from datetime import datetime
from typing import Any

import httpx
import pytest

from taskapi.tasks.lists import service
from tests.conftest import ClientFor
from tests.support.answers import pointers, titles
from tests.support.api_tokens import api_token, carrying
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

TASKS = "/api/v1/projects/WEB/tasks"
ALL = "/api/v1/tasks"
KIRITIMATI = "Pacific/Kiritimati"  # UTC+14
ME = "/api/v1/users/me"


@pytest.fixture
async def tasks(web: MadeProject, make: Factory) -> None:
    await make.task(web, "21st", due_on="2026-11-21")
    await make.task(web, "22nd", due_on="2026-11-22")
    await make.task(web, "21st 09:30Z", due_at="2026-11-21T09:30:00Z")
    await make.task(web, "21st 23:30Z", due_at="2026-11-21T23:30:00Z")
    await make.task(web, "22nd 10:00Z", due_at="2026-11-22T10:00:00Z")
    await make.task(web, "whenever")


async def found(client: httpx.AsyncClient, **params: Any) -> list[str]:
    of_project, of_all = [sorted(titles(await client.get(path, params=params))) for path in (TASKS, ALL)]
    assert of_project == of_all
    return of_project


CASES: list[tuple[dict[str, str], list[str], list[str]]] = [
    ({"date": "2026-11-21"}, ["21st", "21st 09:30Z", "21st 23:30Z"], ["21st", "21st 09:30Z"]),
    ({"date": "2026-11-22"}, ["22nd", "22nd 10:00Z"], ["21st 23:30Z", "22nd"]),
    ({"due_before": "2026-11-22"}, ["21st", "21st 09:30Z", "21st 23:30Z"], ["21st", "21st 09:30Z"]),
    ({"due_after": "2026-11-21"}, ["22nd", "22nd 10:00Z"], ["21st 23:30Z", "22nd", "22nd 10:00Z"]),
    ({"due_after": "2026-11-22"}, [], ["22nd 10:00Z"]),
    # An instant is the same everywhere; but a day begins at another one.
    ({"due_before": "2026-11-21T12:00:00Z"}, ["21st", "21st 09:30Z"], ["21st", "21st 09:30Z", "22nd"]),
    ({"due_after": "2026-11-21T12:00:00Z"}, ["21st 23:30Z", "22nd", "22nd 10:00Z"], ["21st 23:30Z", "22nd 10:00Z"]),
]


@pytest.mark.parametrize(("asked", "in_utc", "in_kiritimati"), CASES)
async def test_days_are_those_of_the_account_and_tz_overrides_them(
    asked: dict[str, str], in_utc: list[str], in_kiritimati: list[str], tasks: None, owner: httpx.AsyncClient
) -> None:
    assert await found(owner, **asked) == in_utc
    assert await found(owner, **asked, tz=KIRITIMATI) == in_kiritimati
    assert (await owner.patch(ME, json={"timezone": KIRITIMATI})).status_code == 200
    assert await found(owner, **asked) == in_kiritimati
    assert await found(owner, **asked, tz="UTC") == in_utc


async def test_late_is_what_was_due_before_today_where_you_are(
    tasks: None, owner: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "utc_now", lambda: datetime.fromisoformat("2026-11-21T12:00:00Z"))
    assert await found(owner, overdue="true") == ["21st 09:30Z"]
    assert await found(owner, overdue="true", tz=KIRITIMATI) == ["21st", "21st 09:30Z"]
    assert await found(owner, overdue="false", tz=KIRITIMATI) == ["21st 23:30Z", "22nd", "22nd 10:00Z", "whenever"]


async def test_days_of_work_are_counted_where_you_are(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    await make.task(web, "finished", start_on="2026-11-01", status="done")
    await tables.execute("UPDATE tasks SET completed_at = $1", datetime.fromisoformat("2026-11-21T23:30:00Z"))
    assert await found(owner, date="2026-11-21") == ["finished"]
    assert await found(owner, date="2026-11-22") == []
    assert await found(owner, date="2026-11-22", tz=KIRITIMATI) == ["finished"]
    assert await found(owner, date="2026-11-23", tz=KIRITIMATI) == []


async def test_a_token_of_an_account_means_its_days(
    tasks: None, web: MadeProject, owner: httpx.AsyncClient, client: httpx.AsyncClient, make: Factory
) -> None:
    await owner.patch(ME, json={"timezone": KIRITIMATI})
    script = carrying(client, await api_token(make, web.owner, "tasks:read"))
    assert await found(script, date="2026-11-22") == ["21st 23:30Z", "22nd"]


@pytest.mark.parametrize("password", [None, "open sesame, please"])
async def test_a_share_link_means_the_days_of_its_maker(
    password: str | None, tasks: None, owner: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    await owner.patch(ME, json={"timezone": KIRITIMATI})
    made = await owner.post("/api/v1/projects/WEB/share-links", json={"password": password} if password else {})
    shared = f"/api/v1/shared/{made.json()['token']}/tasks"
    headers = {"X-Share-Password": password} if password else {}
    answer = await client.get(shared, params={"date": "2026-11-22"}, headers=headers)
    assert sorted(titles(answer)) == ["21st 23:30Z", "22nd"]
    answer = await client.get(shared, params={"date": "2026-11-22", "tz": "UTC"}, headers=headers)
    assert sorted(titles(answer)) == ["22nd", "22nd 10:00Z"]
    missing = await client.get(f"/api/v1/shared/{'x' * 43}/tasks", params={"date": "2026-11-22"})
    assert missing.status_code == 404


async def test_nobody_pays_a_round_trip_for_their_days(
    tasks: None, owner: httpx.AsyncClient, client: httpx.AsyncClient, count_statements: Counting
) -> None:
    shared = (await owner.post("/api/v1/projects/WEB/share-links", json={})).json()["token"]
    await owner.get(ALL)
    trips = {
        (owner, f"{TASKS}?overdue=false"): 1,
        (owner, f"{ALL}?date=2026-11-22"): 1,
        (client, f"/api/v1/shared/{shared}/tasks"): 1,
        (client, f"/api/v1/shared/{shared}/tasks?overdue=false&tz=UTC"): 1,
    }
    for (who, path), expected in trips.items():
        async with count_statements() as seen:
            assert (await who.get(path)).status_code == 200
        assert len(seen) == expected, path


@pytest.mark.parametrize("name", ["due_before", "due_after"])
@pytest.mark.parametrize("value", ["SECRETX", "2026-02-30", "2026-03-10T12:00", "0001-01-01", "3000-01-01"])
async def test_what_is_no_day_is_refused_in_our_words(
    name: str, value: str, web: MadeProject, owner: httpx.AsyncClient
) -> None:
    refused = await owner.get(TASKS, params={name: value})
    assert pointers(refused) == [f"/query/{name}"]
    assert "must be a day, such as 2026-01-31" in refused.json()["errors"][0]["detail"]
    assert value not in refused.text.replace(str(refused.json()["instance"]), "")


async def test_a_zone_of_ones_own_holds_at_once(
    tasks: None, web: MadeProject, owner: httpx.AsyncClient, client_for: ClientFor
) -> None:
    """Also for those who are known in this process already."""
    second = client_for(web.owner)
    assert await found(second, date="2026-11-22") == ["22nd", "22nd 10:00Z"]
    await owner.patch(ME, json={"timezone": KIRITIMATI})
    assert await found(second, date="2026-11-22") == ["21st 23:30Z", "22nd"]
