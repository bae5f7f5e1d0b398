"""GET /changes: what somebody may see now, in the order of commits, each change once and none missed."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from taskapi.auth import callers
from taskapi.changes.streams.hub import Hub
from taskapi.changes.sync import cursors, queries
from taskapi.changes.sync.cursors import Place
from taskapi.core.db.database import unit_of_work
from taskapi.core.db.statements import One, prepare_text
from taskapi.models import ProjectRole
from taskapi.projects import service as projects
from taskapi.settings import Settings
from taskapi.tasks import service as tasks
from taskapi.tasks.schemas import TaskCreate
from tests.support.answers import problem
from tests.support.api_tokens import api_token, carrying
from tests.support.copying import Wanderer
from tests.support.factory import Factory, MadeProject
from tests.support.following import CHANGES, kinds, now, settled, since

_LONG_AGO = prepare_text("UPDATE projects SET deleted_at = deleted_at - interval '31 days'", row=One[None])
_LOOKED = prepare_text(
    "SELECT actor_id FROM events WHERE kind = 'admin.access' AND project_id = $of_project::uuid", row=One[UUID]
)


@pytest.fixture
async def team(live: Factory) -> MadeProject:
    return await live.project(key="WEB")


async def test_from_now_on_every_change_is_told_once_with_what_changed(live: Factory, team: MadeProject) -> None:
    async with live.client(team.owner) as owner:
        await live.task(team, "Before")
        cursor = await now(live, owner)
        task = (await owner.post(team.tasks_path, json={"title": "After"})).json()
        await owner.patch(f"/api/v1/tasks/{task['key']}", json={"title": "Later", "priority": "high"})
        await owner.delete(f"/api/v1/tasks/{task['key']}")
        await settled(live)
        items = await since(owner, cursor)
        assert kinds(items) == ["task.created", "task.updated", "task.deleted"]
        created, updated, deleted = items
        assert created["changes"]["title"] == [None, "After"]
        assert updated["changes"] == {"title": ["After", "Later"], "priority": ["none", "high"]}
        assert deleted["changes"]["deleted_at"][0] is None
        assert {item["subject_id"] for item in items} == {task["id"]}
        assert await since(owner, cursor, limit=1) == items


async def test_who_is_put_out_loses_the_project_and_hears_no_more_of_it(live: Factory, team: MadeProject) -> None:
    other = await live.project(team.owner, key="APP")
    bo = await live.member(team, ProjectRole.EDITOR)
    await live.member(other, ProjectRole.VIEWER, bo)
    async with live.client(team.owner) as owner, live.client(bo) as member:
        cursor = await now(live, member)
        await live.task(team, "Seen too late")
        await owner.delete(f"/api/v1/projects/WEB/members/{bo.id}")
        await live.task(team, "Not theirs")
        await live.task(other, "Theirs")
        await settled(live)
        items = await since(member, cursor)
        assert kinds(items) == ["project.lost", "task.created"]
        assert items[0]["subject_id"] == items[0]["project_id"] == str(team.id)
        assert (items[0]["actor_id"], items[0]["changes"]) == (None, {})
        assert items[1]["project_id"] == str(other.id)
        assert (await member.get(CHANGES, params={"since": cursor, "project": "WEB"})).status_code == 404


async def test_who_comes_into_a_project_loads_it_and_hears_nothing_of_before(live: Factory, team: MadeProject) -> None:
    bo = await live.member(team, ProjectRole.VIEWER)
    async with live.client(team.owner) as owner, live.client(bo) as member:
        cursor = await now(live, member)
        await owner.delete(f"/api/v1/projects/WEB/members/{bo.id}")
        await live.task(team, "While away")
        await live.member(team, ProjectRole.VIEWER, bo)
        await live.task(team, "Back again")
        await settled(live)
        items = await since(member, cursor)
        assert kinds(items) == ["project.lost", "project.gained", "task.created"]
        assert items[2]["changes"]["title"] == [None, "Back again"]
        assert await since(member, cursor, limit=1) == items


async def test_a_project_that_one_makes_is_told_whole_and_need_not_be_loaded(live: Factory) -> None:
    ana = await live.user("ana")
    async with live.client(ana) as client:
        cursor = await now(live, client)
        made = (await client.post("/api/v1/projects", json={"key": "NEW", "name": "New"})).json()
        await settled(live)
        found = kinds(await since(client, cursor))
        assert found[0] == "project.created"
        assert {"member.added", "status.created"} <= set(found)
        assert "project.gained" not in found
        assert made["key"] == "NEW"


async def test_the_trash_takes_a_project_away_and_gives_it_back(live: Factory, team: MadeProject) -> None:
    bo = await live.member(team, ProjectRole.VIEWER)
    async with live.client(team.owner) as owner, live.client(bo) as member:
        cursor = await now(live, member)
        await owner.delete("/api/v1/projects/WEB")
        await settled(live)
        assert kinds(await since(member, cursor)) == ["project.deleted", "project.lost"]
        await owner.post("/api/v1/projects/WEB/restore")
        await owner.patch("/api/v1/projects/WEB", json={"archived": True})
        await settled(live)
        expected = ["project.deleted", "project.lost", "project.restored", "project.gained", "project.archived"]
        for limit in (1, 2, 50):
            assert kinds(await since(member, cursor, limit=limit)) == expected


async def test_a_project_that_is_gone_for_good_is_lost_to_those_who_were_in_it(
    live: Factory, team: MadeProject
) -> None:
    bo, former = await live.member(team, ProjectRole.VIEWER), await live.member(team, ProjectRole.VIEWER)
    stranger = await live.user()
    async with live.client(team.owner) as owner, live.client(bo) as member, live.client(former) as left:
        await left.post("/api/v1/projects/WEB/leave")
        cursor = await now(live, member)
        await owner.delete("/api/v1/projects/WEB")
        async with unit_of_work(live.app.state.parts.database) as session:
            await session.run(_LONG_AGO)
            await projects.purge_expired(session)
        await settled(live)
        assert kinds(await since(member, cursor)) == ["project.lost"]
        assert await since(left, cursor) == []
        async with live.client(stranger) as nobody:
            assert await since(nobody, cursor) == []


async def test_of_invitations_only_those_are_told_who_manage_them(live: Factory, team: MadeProject) -> None:
    viewer, admin = await live.member(team, ProjectRole.VIEWER), await live.member(team, ProjectRole.ADMIN)
    async with live.client(viewer) as low, live.client(admin) as high:
        cursor = await now(live, low)
        await high.post("/api/v1/projects/WEB/invitations", json={"email": "new@example.com", "role": "viewer"})
        await high.post("/api/v1/projects/WEB/labels", json={"name": "bug", "color": "#ff0000"})
        await settled(live)
        assert kinds(await since(low, cursor)) == ["label.created"]
        assert kinds(await since(high, cursor)) == ["invitation.created", "label.created"]
        assert kinds(await since(high, cursor, kind="invitation.created")) == ["invitation.created"]


async def test_an_api_token_is_told_what_its_scopes_and_projects_allow(live: Factory, team: MadeProject) -> None:
    other = await live.project(team.owner, key="APP")
    one = await api_token(live, team.owner, "tasks:read", project_ids=[team.id])
    users = await api_token(live, team.owner, "users:read")
    async with live.client(team.owner) as owner, live.client() as nobody:
        cursor = await now(live, owner)
        await live.task(team, "Of one")
        await live.task(other, "Of the other")
        await owner.post("/api/v1/projects/WEB/labels", json={"name": "bug", "color": "#ff0000"})
        await settled(live)
        assert kinds(await since(carrying(nobody, one), cursor)) == ["task.created"]
        await owner.delete("/api/v1/projects/APP")
        await owner.delete("/api/v1/projects/WEB")
        await settled(live)
        items = await since(carrying(nobody, one), cursor)
        assert [(item["kind"], item["project_id"]) for item in items] == [("project.lost", str(team.id))]
        assert kinds(await since(carrying(nobody, users), cursor)) == ["project.lost", "project.lost"]


async def test_an_administrator_hears_of_others_projects_only_by_name_and_leaves_a_fact(
    live: Factory, team: MadeProject
) -> None:
    boss = await live.user("boss", admin=True)
    async with live.client(boss) as admin:
        cursor = await now(live, admin)
        await live.task(team)
        await settled(live)
        assert await since(admin, cursor) == []
        assert kinds(await since(admin, cursor, project="WEB")) == ["task.created"]
        async with live.app.state.parts.database.autocommit() as session:
            assert await session.fetch_value(_LOOKED, of_project=team.id) == boss.id


async def test_a_cursor_is_good_for_every_filter_and_no_other_text_is_one(live: Factory, team: MadeProject) -> None:
    async with live.client(team.owner) as owner:
        cursor = await now(live, owner, project="WEB", kind="task.created")
        await live.task(team)
        await settled(live)
        assert kinds(await since(owner, cursor)) == kinds(await since(owner, cursor, project=str(team.id)))
        await live.task(team)
        of_a_list = (await owner.get(team.tasks_path, params={"limit": 1})).json()["next_cursor"]
        flipped = ("A" if cursor[20] != "A" else "B").join((cursor[:20], cursor[21:]))
        for wrong in (of_a_list, flipped, cursor[:-4], "nonsense"):
            assert problem(await owner.get(CHANGES, params={"since": wrong})) == (400, "invalid_cursor")
        for faulty in ({"since": ""}, {"since": "x" * 201}, {"limit": 0}, {"limit": 201}, {"kind": "task.eaten"}):
            assert problem(await owner.get(CHANGES, params=faulty)) == (422, "validation_error")
        ahead = cursors.write(live.app.state.parts.cursors, Place(2**62, 0))
        assert problem(await owner.get(CHANGES, params={"since": ahead})) == (410, "cursor_expired")


async def test_a_request_walks_a_bounded_part_of_what_others_did(
    live: Factory, team: MadeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = await live.user()
    mine = await live.project(stranger, key="MINE")
    monkeypatch.setattr(queries, "WALKED", 3)
    queries.walk.cache_clear()
    async with live.client(stranger) as client:
        cursor = await now(live, client)
        for _ in range(7):
            await live.task(team)
        await live.task(mine)
        await settled(live)
        page = (await client.get(CHANGES, params={"since": cursor})).json()
        assert (page["items"], page["has_more"]) == ([], True)
        assert kinds(await since(client, cursor)) == ["task.created"]
    queries.walk.cache_clear()


async def test_a_copy_waits_for_nobody_else_than_an_open_transaction_and_misses_nothing(
    live: Factory, team: MadeProject
) -> None:
    database = live.app.state.parts.database
    async with live.client(team.owner) as owner:
        cursor = await now(live, owner)
        slow = database.writer()
        async with slow:
            await tasks.create_task(slow, team.owner.caller, "WEB", TaskCreate(title="Began first"))
            other = await live.project(team.owner, key="APP")
            await live.task(other, "Committed first")
            assert await since(owner, cursor) == []
            await slow.commit()
        await settled(live)
        titles = [item["changes"].get("title", [None, None])[1] for item in await since(owner, cursor)]
        assert [title for title in titles if title] == ["Began first", "Committed first"]


async def test_of_a_task_that_arrives_only_those_are_told_what_it_was_who_saw_it_there(
    live: Factory, team: MadeProject
) -> None:
    other = await live.project(team.owner, key="APP")
    bo = await live.member(other, ProjectRole.VIEWER)
    task = await live.task(team, "Secret so far")
    hub = Hub(replace(live.app.state.parts, settings=Settings(changes={"stream_seconds": 3600})))
    async with live.client(team.owner) as owner, live.client(bo) as member:
        cursor = await now(live, member)
        listening = []
        for person in (team.owner, bo):
            caller = await callers.verify(live.app.state.parts, person.access_token, None)
            listening.append(Wanderer(hub, caller, cursor))
        visits = [asyncio.create_task(one.visit(30, until=count)) for one, count in zip(listening, (2, 1), strict=True)]
        await listening[0].came(hub, 2)
        moved = await owner.post(f"/api/v1/tasks/{task['key']}/move", json={"project": "APP"})
        assert moved.status_code == 200
        await settled(live)
        (arrived,) = await since(member, cursor)
        assert arrived["kind"] == "task.moved"
        assert arrived["changes"]["project_id"] == [None, str(other.id)]
        assert all(before is None for before, _ in arrived["changes"].values())
        left, whole = await since(owner, cursor)
        assert (left["kind"], whole["changes"]["project_id"]) == ("task.left", [str(team.id), str(other.id)])
        await asyncio.gather(*visits)
        assert listening[0].items == [left, whole]
        assert listening[1].items == [arrived]
