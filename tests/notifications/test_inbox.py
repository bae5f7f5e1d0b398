"""The inbox: the newest first, filtered, counted, marked as read, and forgotten one day."""

from typing import Any

import httpx
import pytest

from taskapi.core.ids import new_id
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.notifications.conftest import INBOX, told
from tests.support.answers import column, faults, problem, walk
from tests.support.api_tokens import api_token
from tests.support.factory import Factory, MadeProject, Person
from tests.support.mailbox import Mailbox
from tests.support.statements import Counting
from tests.support.sweeps import sweep

_TELL = """
    INSERT INTO notifications (id, user_id, kind, project_id, task_id, created_at, read_at, in_app, mailing)
    VALUES ($1, $2, $3, $4, $5::text::uuid, now() - $6 * interval '1 day', CASE WHEN $7 THEN now() END, $8, 'off')
"""


class Inbox:
    """Puts things into somebody's."""

    def __init__(self, tables: Any, person: Person) -> None:
        self.tables, self.person = tables, person

    async def get(self, project: MadeProject, task: dict[str, Any] | None, kind: str = "assigned", **given: Any) -> str:
        made = new_id()
        days, read, in_app = (
            given.get(name, default) for name, default in (("days", 0), ("read", False), ("in_app", True))
        )
        task_id = task["id"] if task else None
        await self.tables.execute(_TELL, made, self.person.id, kind, project.id, task_id, days, read, in_app)
        return str(made)


@pytest.fixture
async def ana(make: Factory, web: MadeProject) -> Person:
    return await make.member(web, ProjectRole.VIEWER, await make.user("ana"))


@pytest.fixture
def mine(ana: Person, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(ana)


@pytest.fixture
def inbox(tables: Any, ana: Person) -> Inbox:
    return Inbox(tables, ana)


async def test_it_is_read_page_by_page_the_newest_first(
    mine: httpx.AsyncClient, inbox: Inbox, web: MadeProject, make: Factory, count_statements: Counting
) -> None:
    task = await make.task(web, "Fix it")
    ids = [await inbox.get(web, task, days=days) for days in range(7)]
    await inbox.get(web, task, in_app=False)
    assert [item["id"] for item in await walk(mine, INBOX, limit=3)] == ids
    async with count_statements() as seen:
        page = (await mine.get(INBOX, params={"limit": 3})).json()
    assert len(seen) == 1
    assert (page["unread_count"], page["has_more"]) == (7, True)
    assert (await mine.get(INBOX, params={"include": "total"})).json()["total"] == 7
    assert (await mine.get(f"{INBOX}/{ids[0]}")).json() == page["items"][0]


async def test_it_is_narrowed(
    mine: httpx.AsyncClient, inbox: Inbox, web: MadeProject, make: Factory, ana: Person
) -> None:
    ops = await make.project(ana, key="OPS")
    task, other = await make.task(web, "Fix it"), await make.task(ops, "Clean up")
    assigned, overdue = await inbox.get(web, task), await inbox.get(ops, other, "overdue", days=1)
    read, added = (
        await inbox.get(web, task, "commented", days=2, read=True),
        await inbox.get(ops, None, "invited", days=3),
    )
    for params, expected in (
        ({"unread": "true"}, [assigned, overdue, added]),
        ({"unread": "false"}, [read]),
        ({"kind": ["commented", "overdue"]}, [overdue, read]),
        ({"project": "OPS"}, [overdue, added]),
        ({"project": str(web.id), "unread": "true"}, [assigned]),
        ({"kind": "mentioned"}, []),
    ):
        answer = await mine.get(INBOX, params=params)
        assert column(answer, "id") == expected
        assert answer.json()["unread_count"] == 3
    assert await told(mine, kind="invited") == [("invited", "Project")]
    assert problem(await mine.get(INBOX, params={"project": "NONE"})) == (404, "not_found")
    assert faults(await mine.get(INBOX, params={"kind": "gossip"}))
    assert faults(await mine.get(INBOX, params={"unread": "yes"}))


async def test_it_is_read_by_name_all_at_once_or_up_to_an_instant(
    mine: httpx.AsyncClient, inbox: Inbox, web: MadeProject, make: Factory, owner: httpx.AsyncClient
) -> None:
    task = await make.task(web)
    ids = [await inbox.get(web, task, days=days) for days in range(5)]
    read = f"{INBOX}/read"
    assert (await mine.post(read, json={"ids": [ids[1], ids[1], str(new_id())]})).json() == {"read": 1}
    assert (await mine.post(read, json={"ids": [ids[1]]})).json() == {"read": 0}
    assert (await mine.post(read, json={"ids": []})).json() == {"read": 0}
    assert (await owner.post(read, json={"ids": ids})).json() == {"read": 0}
    assert (await owner.post(read, json={"all": True})).json() == {"read": 0}
    third = (await mine.get(f"{INBOX}/{ids[3]}")).json()["created_at"]
    assert (await mine.post(read, json={"before": third})).json() == {"read": 2}
    found = await mine.get(INBOX)
    assert [item["read_at"] is None for item in found.json()["items"]] == [True, False, True, False, False]
    assert found.json()["unread_count"] == 2
    before = await mine.get(f"{INBOX}/{ids[0]}")
    assert (await mine.post(read, json={"all": True})).json() == {"read": 2}
    assert (await mine.get(f"{INBOX}/{ids[0]}")).headers["etag"] != before.headers["etag"]
    assert (await mine.get(INBOX, params={"unread": "true"})).json()["unread_count"] == 0


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"all": False}, {"ids": None}, {"all": True, "ids": []}, {"before": "yesterday"}, {"ids": ["mine"]}),
        *({"ids": [str(new_id())] * 1001}, {"everything": True}),
    ],
)
async def test_what_is_read_is_said_in_one_way(body: dict[str, Any], mine: httpx.AsyncClient) -> None:
    assert faults(await mine.post(f"{INBOX}/read", json=body))


async def test_an_api_token_reads_of_its_projects_alone(
    ana: Person, inbox: Inbox, web: MadeProject, make: Factory, client: httpx.AsyncClient
) -> None:
    ops = await make.project(ana, key="OPS")
    here, there = await inbox.get(web, await make.task(web)), await inbox.get(ops, await make.task(ops))
    token = await api_token(make, ana, "tasks:read", "tasks:write", project_ids=[web.id])
    client.headers["Authorization"] = f"Bearer {token}"
    assert column(await client.get(INBOX), "id") == [here]
    assert problem(await client.get(f"{INBOX}/{there}")) == (404, "not_found")
    assert (await client.post(f"{INBOX}/read", json={"all": True})).json() == {"read": 1}
    assert problem(await client.get(f"{INBOX}/preferences")) == (403, "insufficient_scope")


async def test_more_than_a_thousand_are_not_counted(
    mine: httpx.AsyncClient, inbox: Inbox, web: MadeProject, make: Factory, tables: Any
) -> None:
    await inbox.get(web, await make.task(web))
    await tables.execute(
        "INSERT INTO notifications (id, user_id, kind, project_id, task_id, created_at, in_app, mailing)"
        " SELECT gen_random_uuid(), user_id, kind, project_id, task_id, created_at, true, 'off'"
        " FROM notifications, generate_series(1, 1000)"
    )
    found = (await mine.get(INBOX, params={"limit": 1})).json()
    assert (found["unread_count"], found["unread_count_is_lower_bound"]) == (1000, True)
    assert (await mine.post(f"{INBOX}/read", json={"all": True})).json() == {"read": 1001}
    assert "unread_count_is_lower_bound" not in (await mine.get(INBOX, params={"limit": 1})).json()


async def test_it_is_forgotten_in_the_end(
    mine: httpx.AsyncClient, inbox: Inbox, web: MadeProject, make: Factory, tables: Any
) -> None:
    """What was read after 90 days, and after a year whatever is left."""
    task = await make.task(web)
    kept = [await inbox.get(web, task, days=89, read=True), await inbox.get(web, task, days=360)]
    await inbox.get(web, task, days=91, read=True)
    await inbox.get(web, task, days=366)
    mailbox = Mailbox(make.app, tables)
    await mailbox.collect()
    await sweep(make.app, "notifications")
    await mailbox.collect()
    assert column(await mine.get(INBOX), "id") == kept
