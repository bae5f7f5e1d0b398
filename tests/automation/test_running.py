"""Rules at work: each change once, with the rights of whom the rule belongs to, and through no other door."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from taskapi.automation.runs import service as runs
from taskapi.automation.runs.reactions import ACTING
from taskapi.core.change_log.readers import register, take_turn
from taskapi.core.change_log.tail import Tail
from taskapi.core.db.database import Database, unit_of_work
from taskapi.models import ProjectRole
from tests.automation.test_rules import RULES, URGENT
from tests.support.databases import connect, settings_for
from tests.support.factory import Factory, MadeProject, Person
from tests.support.readers import read_all

LOUD: dict[str, Any] = {"name": "Loud", "kinds": ["task.created"], "actions": [{"type": "comment", "body": "Hello"}]}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taskapi.core.change_log.tail._PATIENCE", -1.0)  # for other tests' transactions


@dataclass
class Office:
    """A project with an owner, and a worker that has its rules act when it is told to."""

    make: Factory
    owner: Person
    project: MadeProject
    mine: httpx.AsyncClient
    database: Database
    tables: Any
    tail: Tail

    async def work(self) -> None:
        await read_all(self.database, self.tail, ACTING)

    async def rule(self, **rule: Any) -> str:
        return await self.rule_of(self.mine, **rule)

    async def rule_of(self, client: httpx.AsyncClient, **rule: Any) -> str:
        answer = await client.post(RULES, json=rule)
        assert answer.status_code == 201, answer.text
        rule_id: str = answer.json()["id"]
        return rule_id

    async def runs(self, rule_id: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.mine.get(f"{RULES}/{rule_id}/runs")).json()["items"]
        return items

    async def task(self, **fields: Any) -> dict[str, Any]:
        return await self.make.task(self.project, **fields)

    async def now(self, task: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = (await self.mine.get(f"/api/v1/tasks/{task['id']}")).json()
        return found

    async def said(self, task: dict[str, Any]) -> list[str]:
        items = (await self.mine.get(f"/api/v1/tasks/{task['id']}/comments")).json()["items"]
        return [comment["body"] for comment in items]


@pytest.fixture
async def office(live: Factory, database_url: str) -> AsyncIterator[Office]:
    owner = await live.user("ana")
    project = await live.project(owner, key="WEB")
    database, tables, tail = Database(settings_for(database_url)), await connect(database_url), Tail()
    await register(database, tail, [ACTING])
    async with live.client(owner) as mine:
        yield Office(live, owner, project, mine, database, tables, tail)
    await tables.close()
    await database.dispose()


async def test_a_rule_acts_once_on_what_fits(office: Office) -> None:
    early = await office.task(priority="urgent")
    rule_id = await office.rule(**URGENT)
    urgent, other = await office.task(priority="urgent"), await office.task()
    await office.work()
    assert (await office.now(urgent))["status"] == "in_progress"
    assert await office.said(urgent) == ["Today, please"]
    for left_alone in (other, early):
        assert (await office.now(left_alone))["status"] == left_alone["status"]
    [run] = await office.runs(rule_id)
    assert {"kind": "task.created", "task_id": urgent["id"], "state": "done", "depth": 1}.items() <= run.items()
    # What it did is told as its owner's, in a batch with the id of the run; and it does not react to that.
    facts = await office.tables.fetch(
        "SELECT kind, actor_id, actor_kind FROM events WHERE batch_id = $1::text::uuid ORDER BY seq", run["id"]
    )
    assert [tuple(fact) for fact in facts] == [
        ("task.moved", office.owner.id, "rule"),
        ("comment.created", office.owner.id, "rule"),
    ]
    await office.work()
    assert await office.said(urgent) == ["Today, please"]
    # Somebody fits it later.
    await office.mine.patch(f"/api/v1/tasks/{other['id']}", json={"priority": "urgent"})
    await office.work()
    assert [run["kind"] for run in await office.runs(rule_id)] == ["task.updated", "task.created"]


async def test_it_acts_on_the_task_of_a_comment(office: Office) -> None:
    rule_id = await office.rule(
        name="Said",
        kinds=["comment.created", "comment.updated", "comment.deleted"],
        actions=[{"type": "patch", "patch": {"priority": "low"}}],
    )
    task = await office.task()
    path = f"/api/v1/tasks/{task['id']}/comments"
    comment = (await office.mine.post(path, json={"body": "one"})).json()["id"]
    await office.work()
    assert (await office.now(task))["priority"] == "low"
    await office.mine.patch(f"{path}/{comment}", json={"body": "two"})
    await office.work()
    await office.mine.patch(f"{path}/{comment}", json={"body": "three"})
    await office.mine.delete(f"{path}/{comment}")
    await office.work()
    told = [(run["kind"], run["state"]) for run in await office.runs(rule_id)]
    assert told == [("comment.deleted", "unchanged"), ("comment.updated", "unchanged"), ("comment.created", "done")]


async def test_it_tells_whom_it_names_or_who_watches(office: Office) -> None:
    bo, cy = await office.make.user("bo"), await office.make.user("cy")
    for person in (bo, cy):
        await office.make.member(office.project, ProjectRole.VIEWER, person)
    named: dict[str, Any] = {"type": "notify", "user_ids": [str(bo.id), str(cy.id)]}
    await office.rule(name="Named", kinds=["task.completed"], actions=[named])
    watching = await office.rule(name="Watching", kinds=["task.reopened"], actions=[{"type": "notify"}])
    task = await office.task(title="Fix it")
    path = f"/api/v1/tasks/{task['id']}"
    await office.mine.delete(f"/api/v1/projects/WEB/members/{cy.id}")
    await office.mine.post(f"{path}/complete")
    await office.work()
    await office.mine.post(f"{path}/reopen")
    await office.work()
    async with office.make.client(bo) as his, office.make.client(cy) as hers:
        assert await told(his) == [("rule", "Fix it", None)]
        assert await told(hers) == []
    # Its owner, too: it was the rule that told them.
    assert await told(office.mine) == [("rule", "Fix it", None)]
    assert [run["state"] for run in await office.runs(watching)] == ["done"]
    # What is tried is told to nobody.
    tried = await office.mine.post(f"{RULES}/{watching}/dry-run")
    assert [item["state"] for item in tried.json()["items"]] == ["done"]
    assert len(await told(office.mine)) == 1


async def told(client: httpx.AsyncClient) -> list[tuple[str, str, str | None]]:
    items = (await client.get("/api/v1/notifications")).json()["items"]
    return [(item["kind"], item["title"], item["actor_id"]) for item in items]


async def test_what_cannot_be_done_is_told_undone_and_stops_nobody(office: Office) -> None:
    statuses = (await office.mine.get("/api/v1/projects/WEB/statuses")).json()["items"]
    in_progress = next(status["id"] for status in statuses if status["key"] == "in_progress")
    await office.mine.patch(f"/api/v1/projects/WEB/statuses/{in_progress}", json={"wip_limit": 1})
    actions = [URGENT["actions"][1], URGENT["actions"][0]]
    rule_id = await office.rule(**{**URGENT, "actions": actions})
    loud = await office.rule(**LOUD)
    first, second = await office.task(priority="urgent"), await office.task(priority="urgent")
    await office.work()
    failed, done = await office.runs(rule_id)
    assert (done["task_id"], done["state"]) == (first["id"], "done")
    assert {"task_id": second["id"], "state": "failed", "code": "wip_limit_reached", "action": 1}.items() <= (
        failed.items()
    )
    assert await office.said(second) == ["Hello"]
    assert len(await office.runs(loud)) == 2


async def test_rules_act_in_their_order(office: Office) -> None:
    await office.rule(**{**LOUD, "actions": [{"type": "comment", "body": "second"}], "position": 2})
    await office.rule(**{**LOUD, "actions": [{"type": "comment", "body": "first"}], "position": 1})
    task = await office.task()
    await office.work()
    assert await office.said(task) == ["first", "second"]


async def test_two_that_undo_each_other_are_cut_after_five(office: Office) -> None:
    def flipping(was: str, becomes: str) -> dict[str, Any]:
        patch = {"type": "patch", "patch": {"priority": becomes}}
        return {"name": becomes, "kinds": ["task.updated"], "filter": f"priority:{was}", "actions": [patch]}

    up, down = await office.rule(**flipping("low", "high")), await office.rule(**flipping("high", "low"))
    task = await office.task()
    await office.mine.patch(f"/api/v1/tasks/{task['id']}", json={"priority": "low"})
    await office.work()
    told = [(run["depth"], run["state"]) for run in await office.runs(up) + await office.runs(down)]
    assert {depth for depth, state in told if state == "done"} == {1, 2, 3, 4, 5}
    assert {depth for depth, state in told if state == "cut"} == {6}


async def test_it_is_dark_when_its_owner_has_left(office: Office) -> None:
    bo = await office.make.member(office.project, ProjectRole.ADMIN)
    async with office.make.client(bo) as client:
        rule_id = await office.rule_of(client, **LOUD)
    await office.mine.patch(f"/api/v1/projects/WEB/members/{bo.id}", json={"role": "editor"})
    task = await office.task()
    await office.work()
    assert await office.said(task) == []
    await office.mine.patch(f"/api/v1/projects/WEB/members/{bo.id}", json={"role": "admin"})
    await office.mine.patch(f"{RULES}/{rule_id}", json={"is_active": False}, headers={"Prefer": "validate-only"})
    again = await office.task()
    await office.work()
    assert await office.said(again) == ["Hello"]


async def test_one_at_rest_does_nothing_and_does_not_make_up_for_it(office: Office) -> None:
    rule_id = await office.rule(**LOUD, is_active=False)
    task = await office.task()
    await office.mine.patch(f"{RULES}/{rule_id}", json={"is_active": True})
    await office.work()
    assert await office.said(task) == []
    await office.task()
    await office.work()
    assert len(await office.runs(rule_id)) == 1


async def test_what_is_in_the_trash_archived_or_elsewhere_is_left_alone(office: Office) -> None:
    rule_id = await office.rule(**LOUD)
    binned, moved, frozen = await office.task(), await office.task(), await office.task()
    await office.mine.delete(f"/api/v1/tasks/{binned['id']}")
    await office.make.project(office.owner, key="OPS")
    await office.mine.post(f"/api/v1/tasks/{moved['id']}/move", json={"project": "OPS"})
    await office.mine.patch("/api/v1/projects/WEB", json={"archived": True})
    await office.work()
    [run] = await office.runs(rule_id)
    assert {"task_id": frozen["id"], "state": "failed", "code": "project_archived"}.items() <= run.items()


async def test_a_field_that_is_gone_is_a_failure_of_the_rule_alone(office: Office) -> None:
    field = {"key": "severity", "name": "Severity", "type": "text"}
    field_id = (await office.mine.post("/api/v1/projects/WEB/fields", json=field)).json()["id"]
    broken = await office.rule(**{**LOUD, "filter": "-field.severity:low"})
    await office.rule(**LOUD)
    await office.mine.delete(f"/api/v1/projects/WEB/fields/{field_id}")
    task = await office.task()
    await office.work()
    assert await office.said(task) == ["Hello"]
    [run] = await office.runs(broken)
    assert (run["state"], run["action"]) == ("failed", None)


async def test_whatever_a_rule_breaks_on_the_rules_of_others_go_on(
    office: Office,
) -> None:
    broken = await office.rule(**{**URGENT, "filter": ""})
    loud = await office.rule(**LOUD)
    await office.tables.execute(
        'UPDATE rules SET actions = \'[{"type": "of another version"}]\' WHERE id::text = $1', broken
    )
    task = await office.task()
    await office.work()
    assert await office.said(task) == ["Hello"]
    assert [run["code"] for run in await office.runs(broken)] == ["internal_error"]
    assert [run["state"] for run in await office.runs(loud)] == ["done"]


async def test_workers_at_once_and_killed_ones_act_once(office: Office) -> None:
    rule_id = await office.rule(**LOUD)
    tasks = await asyncio.gather(*(office.task(title=f"Task {number}") for number in range(12)))

    async def dying() -> None:
        working = asyncio.create_task(take_turn(office.database, office.tail, ACTING))
        await asyncio.sleep(0.01)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)

    await asyncio.gather(dying(), dying(), office.work())
    await office.work()
    assert [await office.said(task) for task in tasks] == [["Hello"]] * 12
    assert len(await office.runs(rule_id)) == 12


async def test_runs_are_forgotten_after_a_month(office: Office) -> None:
    rule_id = await office.rule(**LOUD)
    await office.task()
    await office.task()
    await office.work()
    # An id says when it was made.
    newest = UUID((await office.runs(rule_id))[0]["id"])
    await office.tables.execute("UPDATE rule_runs SET id = $1 WHERE id <> $2", UUID(int=0), newest)
    async with unit_of_work(office.database) as session:
        await runs.forget_old(session)
    assert len(await office.runs(rule_id)) == 1


async def test_a_trial_shows_what_would_be_done_and_writes_nothing(office: Office) -> None:
    urgent, other = await office.task(priority="urgent"), await office.task()
    already = await office.task(priority="urgent", status="in_progress")
    before = await office.tables.fetchval("SELECT count(*) FROM events")
    wish = {name: URGENT[name] for name in ("kinds", "filter", "actions")}
    answer = await office.mine.post(f"{RULES}/dry-run", json=wish)
    assert answer.status_code == 200, answer.text
    trial = answer.json()
    assert trial["looked_at"] == 3
    last, first = trial["items"]
    assert (first["task_id"], first["task_key"], first["state"]) == (urgent["id"], urgent["key"], "done")
    assert first["changes"]["status"] == ["todo", "in_progress"]
    assert first["comments"] == ["Today, please"]
    assert (last["task_id"], last["changes"]) == (already["id"], {})
    assert await office.tables.fetchval("SELECT count(*) FROM events") == before
    assert await office.now(urgent) == urgent
    rule_id = await office.rule(**URGENT)
    assert (await office.mine.post(f"{RULES}/{rule_id}/dry-run")).json() == trial
    assert await office.runs(rule_id) == []
    await office.work()
    assert await office.now(other) == other
