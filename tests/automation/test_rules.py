"""Rules of a project: who may write them, and what they may say."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from taskapi.automation.rules import service as rules
from taskapi.core.access.permissions import Scope
from taskapi.core.clock import utc_now
from taskapi.core.db.database import unit_of_work
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.api_tokens import api_token, carrying
from tests.support.factory import Factory, MadeProject, Person

RULES = "/api/v1/projects/WEB/rules"
URGENT: dict[str, Any] = {
    "name": "Urgent ones begin at once",
    "kinds": ["task.created", "task.updated"],
    "filter": "priority:urgent",
    "actions": [{"type": "patch", "patch": {"status": "in_progress"}}, {"type": "comment", "body": "Today, please"}],
}


@pytest.fixture
async def ana(make: Factory) -> Person:
    return await make.user("ana")


@pytest.fixture
async def project(make: Factory, ana: Person) -> MadeProject:
    return await make.project(ana, key="WEB")


@pytest.fixture
def mine(project: MadeProject, ana: Person, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(ana)


async def made(client: httpx.AsyncClient, **differing: Any) -> dict[str, Any]:
    answer = await client.post(RULES, json={**URGENT, **differing})
    assert answer.status_code == 201, answer.text
    rule: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"{RULES}/{rule['id']}"
    return rule


async def test_a_rule_is_made_read_changed_and_deleted(mine: httpx.AsyncClient, ana: Person, tables: Any) -> None:
    rule = await made(mine)
    assert {**URGENT, "is_active": True, "position": 100, "dark_reason": None, "version": 1}.items() <= rule.items()
    assert rule["created_by"] == rule["owner_id"] == str(ana.id)
    one = await mine.get(f"{RULES}/{rule['id']}")
    assert one.json() == rule
    changed = await mine.patch(
        f"{RULES}/{rule['id']}", json={"is_active": False, "position": 3}, headers={"If-Match": one.headers["etag"]}
    )
    assert (changed.json()["is_active"], changed.json()["position"], changed.json()["version"]) == (False, 3, 2)
    stale = await mine.patch(f"{RULES}/{rule['id']}", json={"name": "x"}, headers={"If-Match": one.headers["etag"]})
    assert problem(stale) == (412, "precondition_failed")
    same = await mine.patch(f"{RULES}/{rule['id']}", json={"position": 3, "actions": URGENT["actions"]})
    assert same.json()["version"] == 2
    assert (await mine.delete(f"{RULES}/{rule['id']}")).status_code == 204
    assert problem(await mine.get(f"{RULES}/{rule['id']}")) == (404, "not_found")
    facts = await tables.fetch("SELECT kind FROM events WHERE subject_type = 'rule' ORDER BY seq")
    assert [row["kind"] for row in facts] == ["rule.created", "rule.updated", "rule.deleted"]


async def test_they_are_listed_in_the_order_in_which_they_act(mine: httpx.AsyncClient) -> None:
    for name, position in (("Second", 7), ("First", 2), ("Last", 100)):
        await made(mine, name=name, position=position)
    listed = (await mine.get(RULES)).json()["items"]
    assert [rule["name"] for rule in listed] == ["First", "Second", "Last"]
    by_name = (await mine.get(RULES, params={"sort": "name"})).json()["items"]
    assert [rule["name"] for rule in by_name] == ["First", "Last", "Second"]


async def test_a_project_has_fifty_at_most(mine: httpx.AsyncClient, tables: Any) -> None:
    rule = await made(mine)
    await tables.execute(
        """
        INSERT INTO rules SELECT (jsonb_populate_record(rules, jsonb_build_object('id', gen_random_uuid()))).*
        FROM rules, generate_series(1, 49)
        """
    )
    assert problem(await mine.post(RULES, json=URGENT)) == (409, "too_many_rules")
    await mine.delete(f"{RULES}/{rule['id']}")
    await made(mine)


@pytest.mark.parametrize(
    ("differing", "pointer"),
    [
        ({"kinds": []}, "/kinds"),
        ({"kinds": ["task.deleted"]}, "/kinds/0"),
        ({"kinds": None}, "/kinds"),
        ({"actions": []}, "/actions"),
        ({"actions": [{"type": "comment", "body": ""}]}, "/actions/0/body"),
        ({"actions": [{"type": "mail", "body": "x"}]}, "/actions/0"),
        ({"actions": [{"type": "patch", "patch": {}}]}, "/actions/0/patch"),
        ({"actions": [{"type": "patch", "patch": {"colour": "red"}}]}, "/actions/0/patch/colour"),
        ({"actions": [{"type": "patch", "patch": {"parent_id": None}}]}, "/actions/0/patch/parent_id"),
        ({"actions": [{"type": "patch", "patch": {"status": "nowhere"}}]}, "/actions/0/patch/status"),
        ({"actions": [{"type": "comment", "body": "x"}] * 11}, "/actions"),
        ({"filter": "priority:(("}, "/filter"),
        ({"filter": "field.nothing:1"}, "/filter"),
        ({"position": -1}, "/position"),
        ({"name": " "}, "/name"),
        ({"is_active": "yes"}, "/is_active"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_place(
    mine: httpx.AsyncClient, differing: dict[str, Any], pointer: str
) -> None:
    refused = await mine.post(RULES, json={**URGENT, **differing})
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["pointer"].startswith(pointer)


async def test_what_is_another_projects_is_refused_like_what_is_missing(
    make: Factory, mine: httpx.AsyncClient, ana: Person
) -> None:
    other = await make.project(ana, key="OPS")
    stranger = await make.user()
    label = (await mine.post("/api/v1/projects/OPS/labels", json={"name": "bug", "color": "#d73a4a"})).json()["id"]
    cycle = {"name": "One", "starts_on": "2027-01-04", "ends_on": "2027-01-15"}
    cycle_id = (await mine.post(f"/api/v1/projects/{other.id}/cycles", json=cycle)).json()["id"]
    for patch in (
        {"label_ids": [label]},
        {"add_label_ids": [label]},
        {"assignee_ids": [str(stranger.id)]},
        {"add_assignee_ids": [str(stranger.id)]},
        {"cycle_id": cycle_id},
        {"milestone_id": label},
        {"fields": {"severity": "high"}},
    ):
        refused = await mine.post(RULES, json={**URGENT, "actions": [{"type": "patch", "patch": patch}]})
        assert refused.status_code == 422, patch
        assert refused.json()["errors"][0]["pointer"].startswith("/actions/0/patch/")
    told = {"type": "notify", "user_ids": [str(ana.id), str(stranger.id)]}
    [fault] = (await mine.post(RULES, json={**URGENT, "actions": [told]})).json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/actions/0/user_ids/1", "unknown_member")


async def test_editors_read_them_and_administrators_write_them(
    make: Factory, mine: httpx.AsyncClient, project: MadeProject, client_for: ClientFor
) -> None:
    rule = await made(mine)
    editor = client_for(await make.member(project, ProjectRole.EDITOR))
    assert (await editor.get(f"{RULES}/{rule['id']}")).status_code == 200
    assert problem(await editor.post(RULES, json=URGENT)) == (403, "forbidden")
    assert problem(await editor.delete(f"{RULES}/{rule['id']}")) == (403, "forbidden")
    outsider = client_for(await make.user())
    assert problem(await outsider.get(RULES)) == (404, "not_found")


async def test_an_administrator_of_the_service_has_to_be_a_member(
    make: Factory, mine: httpx.AsyncClient, project: MadeProject, client_for: ClientFor
) -> None:
    root = await make.user(admin=True)
    refused = await client_for(root).post(RULES, json=URGENT)
    assert problem(refused) == (403, "forbidden")
    assert "rule:manage" in refused.json()["detail"]
    await make.member(project, ProjectRole.ADMIN, root)
    await made(client_for(root))


async def test_an_api_token_reads_and_does_not_write(
    make: Factory, mine: httpx.AsyncClient, ana: Person, client: httpx.AsyncClient
) -> None:
    await made(mine)
    by_token = carrying(client, await api_token(make, ana, *Scope))
    assert (await by_token.get(RULES)).status_code == 200
    assert problem(await by_token.post(RULES, json=URGENT)) == (403, "insufficient_scope")


async def test_in_an_archived_project_none_is_written(mine: httpx.AsyncClient) -> None:
    rule = await made(mine)
    await mine.patch("/api/v1/projects/WEB", json={"archived": True})
    assert problem(await mine.post(RULES, json=URGENT)) == (409, "project_archived")
    assert problem(await mine.patch(f"{RULES}/{rule['id']}", json={"name": "x"})) == (409, "project_archived")
    assert problem(await mine.delete(f"{RULES}/{rule['id']}")) == (409, "project_archived")


async def test_it_is_dark_while_its_owner_lacks_the_rights(
    make: Factory, mine: httpx.AsyncClient, project: MadeProject, client_for: ClientFor, tables: Any
) -> None:
    bo = await make.member(project, ProjectRole.ADMIN, await make.user("bo"))
    rule = await made(client_for(bo))
    member = f"/api/v1/projects/WEB/members/{bo.id}"

    async def dark() -> str | None:
        found = (await mine.get(f"{RULES}/{rule['id']}")).json()
        assert found["is_active"]
        reason: str | None = found["dark_reason"]
        return reason

    assert await dark() is None
    await mine.patch(member, json={"role": "editor"})
    assert await dark() == "lost_role"
    await mine.delete(member)
    assert await dark() == "left_project"
    await tables.execute("UPDATE users SET is_active = false WHERE id = $1", bo.id)
    assert await dark() == "account_disabled"
    taken = await mine.patch(f"{RULES}/{rule['id']}", json={})
    assert UUID(taken.json()["owner_id"]) == project.owner.id
    assert await dark() is None


async def test_what_was_written_by_an_account_in_other_hands_is_switched_off(
    make: Factory, mine: httpx.AsyncClient, project: MadeProject, client_for: ClientFor, ana: Person, tables: Any
) -> None:
    others = client_for(await make.member(project, ProjectRole.ADMIN, await make.user("bo")))
    old, theirs = await made(mine, name="Old"), await made(others, name="Of bo")
    taken, resting = await made(others, name="Taken"), await made(mine, name="Resting", is_active=False)
    before = utc_now()
    await mine.patch(f"{RULES}/{taken['id']}", json={"filter": ""})
    await mine.patch(f"{RULES}/{resting['id']}", json={"filter": ""})
    await others.patch(f"{RULES}/{theirs['id']}", json={"filter": ""})
    new = await made(mine, name="New")
    async with unit_of_work(make.app.state.parts.database) as session:
        await rules.disable_written_by(session, ana.caller, ana.id, before)
    found = {one["id"]: one for one in (await mine.get(RULES)).json()["items"]}
    ended = {name for name, one in found.items() if not one["is_active"]}
    assert ended == {taken["id"], new["id"], resting["id"]}
    assert [found[rule["id"]]["version"] for rule in (old, theirs, taken, resting, new)] == [1, 2, 3, 2, 2]
    told = await tables.fetchval(
        "SELECT changes ->> 'is_active' FROM events WHERE subject_id = $1 AND kind = 'rule.updated'", UUID(new["id"])
    )
    assert told == "[true, false]"
    # Whoever looked at it and switches it on again answers for it.
    again = await others.patch(f"{RULES}/{new['id']}", json={"is_active": True})
    assert (again.json()["is_active"], again.json()["owner_id"]) == (True, found[theirs["id"]]["owner_id"])


async def test_one_that_cannot_act_any_more_can_be_put_to_rest(mine: httpx.AsyncClient) -> None:
    label = (await mine.post("/api/v1/projects/WEB/labels", json={"name": "bug", "color": "#d73a4a"})).json()["id"]
    rule = await made(mine, actions=[{"type": "patch", "patch": {"add_label_ids": [label]}}])
    await mine.delete(f"/api/v1/projects/WEB/labels/{label}")
    rested = await mine.patch(f"{RULES}/{rule['id']}", json={"is_active": False})
    assert (rested.status_code, rested.json()["is_active"]) == (200, False)
