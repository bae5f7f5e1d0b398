"""Who is told what of a change: whom it names, and whoever watches; never who did it, or who may not see it."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from taskapi.core.change_log.readers import take_turn
from taskapi.models import ProjectRole
from taskapi.notifications.reactions import READER
from tests.notifications.conftest import INBOX, Worker, told
from tests.support.factory import Factory, MadeProject, Person

WEB_1 = "/api/v1/tasks/WEB-1"


@pytest.fixture
async def ana(live: Factory, worker: Worker) -> Person:
    return await live.user("ana")


@pytest.fixture
async def web(live: Factory, ana: Person) -> MadeProject:
    return await live.project(ana, key="WEB", name="Website")


async def test_each_is_told_the_strongest_thing_and_who_did_it_nothing(
    live: Factory, ana: Person, web: MadeProject, worker: Worker
) -> None:
    bo, cy, dee = [await live.member(web, ProjectRole.EDITOR, await live.user(name)) for name in ("bo", "cy", "dee")]
    async with live.client(ana) as hers, live.client(bo) as his, live.client(cy) as cys, live.client(dee) as dees:
        made = await hers.post(web.tasks_path, json={"title": "Fix it", "assignee_ids": [str(bo.id), str(ana.id)]})
        said = await hers.post(f"{WEB_1}/comments", json={"body": "Look, @cy and @ana"})
        await his.post(f"{WEB_1}/complete")
        await worker.read()
        assert await told(his) == [("commented", "Fix it"), ("assigned", "Fix it"), ("invited", "Website")]
        assert await told(hers) == [("status_changed", "Fix it")]
        assert await told(cys) == [("status_changed", "Fix it"), ("mentioned", "Fix it"), ("invited", "Website")]
        assert await told(dees) == [("invited", "Website")]
        newest, mention, _ = (await cys.get(INBOX)).json()["items"]
        assert mention == {
            "id": mention["id"],
            "kind": "mentioned",
            "task_id": made.json()["id"],
            "task_key": "WEB-1",
            "project_id": str(web.id),
            "comment_id": said.json()["id"],
            "actor_id": str(ana.id),
            "title": "Fix it",
            "created_at": mention["created_at"],
            "read_at": None,
        }
        assert UUID(mention["id"]).version == 7
        assert newest["actor_id"] == str(bo.id)
        await worker.read()
        assert len(await told(his)) == 3


async def test_an_edited_comment_tells_only_those_whom_it_names_anew(
    live: Factory, ana: Person, web: MadeProject, worker: Worker
) -> None:
    bo, cy = [await live.member(web, ProjectRole.EDITOR, await live.user(name)) for name in ("bo", "cy")]
    await live.task(web, "Fix it")
    async with live.client(ana) as hers, live.client(bo) as his, live.client(cy) as cys:
        said = (await hers.post(f"{WEB_1}/comments", json={"body": "Well, @bo"})).json()["id"]
        await hers.patch(f"{WEB_1}/comments/{said}", json={"body": "Well, @bo and @cy"})
        await hers.patch(f"{WEB_1}/comments/{said}", json={"body": "Well, well, @bo and @cy"})
        await worker.read()
        assert await told(his, kind="mentioned") == await told(cys, kind="mentioned") == [("mentioned", "Fix it")]


async def test_what_changes_nothing_for_anybody_tells_nobody(
    live: Factory, ana: Person, web: MadeProject, worker: Worker
) -> None:
    """A title, a rank; and what nobody did, such as a sweep."""
    bo = await live.member(web, ProjectRole.EDITOR, await live.user("bo"))
    await live.task(web, "Fix it", assignee_ids=[str(bo.id)])
    await worker.read()
    async with live.client(ana) as hers, live.client(bo) as his:
        await his.post(f"{INBOX}/read", json={"all": True})
        await hers.patch(WEB_1, json={"title": "Fixed", "assignee_ids": []})
        await worker.tables.execute(
            "INSERT INTO events (id, at, actor_kind, project_id, subject_type, subject_id, kind, changes)"
            " SELECT gen_random_uuid(), now(), 'system', project_id, 'task', id, 'task.updated',"
            " jsonb_build_object('assignee_ids', jsonb_build_array('[]'::jsonb, jsonb_build_array($1::text)))"
            " FROM tasks",
            str(bo.id),
        )
        await worker.read()
        assert await told(his, unread=True) == []


async def test_whoever_may_not_see_it_is_not_told(live: Factory, ana: Person, web: MadeProject, worker: Worker) -> None:
    """When it is written, and again when it is read."""
    gone, away, disabled = [await live.member(web, ProjectRole.EDITOR) for _ in range(3)]
    await live.task(web, "Fix it", assignee_ids=[str(person.id) for person in (gone, away, disabled)])
    async with live.client(ana) as hers, live.client(gone) as of_gone, live.client(away) as of_away:
        await of_gone.post("/api/v1/projects/WEB/leave")
        await worker.tables.execute("UPDATE users SET is_active = false WHERE id = $1", disabled.id)
        await worker.read()
        rows = await worker.tables.fetch("SELECT DISTINCT user_id FROM notifications")
        assert [row["user_id"] for row in rows] == [away.id]
        [assigned, _] = (await of_away.get(INBOX)).json()["items"]
        await of_away.post("/api/v1/projects/WEB/leave")
        nothing = (await of_away.get(INBOX)).json()
        assert (nothing["items"], nothing["unread_count"]) == ([], 0)
        assert (await of_away.get(f"{INBOX}/{assigned['id']}")).status_code == 404
        assert (await of_away.post(f"{INBOX}/read", json={"ids": [assigned["id"]]})).json() == {"read": 0}
        assert (await hers.get(f"{INBOX}/{assigned['id']}")).status_code == 404
        assert await told(of_gone) == []


async def test_an_invitation_is_told_to_whoever_has_proven_the_address(
    live: Factory, ana: Person, web: MadeProject, worker: Worker
) -> None:
    bo, squatter = await live.user("bo"), await live.user("cy")
    await worker.proven(bo, ana)
    async with live.client(ana) as hers, live.client(bo) as his, live.client(squatter) as theirs:
        sent = []
        for person in (bo, squatter):
            body = {"email": person.email, "role": "viewer"}
            sent.append((await hers.post("/api/v1/projects/WEB/invitations", json=body)).json()["id"])
        await worker.read()
        assert await told(his) == [("invited", "Website")]
        [invited] = (await his.get(INBOX)).json()["items"]
        assert (invited["task_id"], invited["project_id"]) == (None, str(web.id))
        assert await told(theirs) == []
        assert (await his.get(f"{INBOX}/{invited['id']}")).status_code == 200
        await hers.delete(f"/api/v1/projects/WEB/invitations/{sent[0]}")
        assert await told(his) == []


async def test_what_is_in_the_trash_is_not_shown_until_it_is_back(
    live: Factory, ana: Person, web: MadeProject, worker: Worker
) -> None:
    bo = await live.member(web, ProjectRole.EDITOR, await live.user("bo"))
    await live.task(web, "Fix it", assignee_ids=[str(bo.id)])
    await worker.read()
    async with live.client(ana) as hers, live.client(bo) as his:
        said = (await hers.post(f"{WEB_1}/comments", json={"body": "Well"})).json()["id"]
        await worker.read()
        assert await told(his, project="WEB") == [
            *(("commented", "Fix it"), ("assigned", "Fix it"), ("invited", "Website"))
        ]
        await hers.delete(f"{WEB_1}/comments/{said}")
        await hers.delete(WEB_1)
        assert await told(his) == [("invited", "Website")]
        await hers.post(f"{WEB_1}/restore")
        assert await told(his) == [("assigned", "Fix it"), ("invited", "Website")]


@pytest.mark.slow
async def test_of_two_workers_each_tells_of_other_changes(
    live: Factory, ana: Person, web: MadeProject, worker: Worker
) -> None:
    bo = await live.member(web, ProjectRole.EDITOR, await live.user("bo"))
    for number in range(12):
        await live.task(web, f"Task {number}", assignee_ids=[str(bo.id)])
    await asyncio.gather(*(take_turn(worker.database, worker.tail, READER, at_once=3) for _ in range(8)))
    await worker.read()
    async with live.client(bo) as his:
        found = [title for kind, title in await told(his, limit=200) if kind == "assigned"]
    assert found == [f"Task {number}" for number in reversed(range(12))]


async def test_a_worker_that_dies_in_the_middle_has_told_nothing(
    live: Factory, ana: Person, web: MadeProject, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    bo = await live.member(web, ProjectRole.EDITOR, await live.user("bo"))
    await live.task(web, "Fix it", assignee_ids=[str(bo.id)])
    tell = READER.read

    async def die(*given: Any) -> None:
        await tell(*given)
        raise RuntimeError("killed")

    object.__setattr__(READER, "read", die)
    try:
        with pytest.raises(RuntimeError, match="killed"):
            await worker.read()
    finally:
        object.__setattr__(READER, "read", tell)
    async with live.client(bo) as his:
        assert await told(his) == []
        await worker.read()
        assert await told(his) == [("assigned", "Fix it"), ("invited", "Website")]


@pytest.mark.slow
async def test_thousands_of_watchers_are_told_in_one_turn(
    live: Factory, ana: Person, web: MadeProject, worker: Worker
) -> None:
    await live.task(web, "Fix it")
    await worker.tables.execute(
        """
        WITH people AS (
            INSERT INTO users (id, username, email, created_at, updated_at)
            SELECT gen_random_uuid(), 'watcher' || n, 'watcher' || n || '@example.com', now(), now()
            FROM generate_series(1, 3000) AS n RETURNING id
        ), members AS (
            INSERT INTO members (project_id, user_id, role, joined_at) SELECT $1, id, 'viewer', now() FROM people
        )
        INSERT INTO task_watchers (id, task_id, user_id, watching)
        SELECT gen_random_uuid(), tasks.id, people.id, true FROM people, tasks
        """,
        web.id,
    )
    await worker.read()
    async with live.client(ana) as hers:
        await hers.post(f"{WEB_1}/comments", json={"body": "Well"})
    await worker.read()
    assert await worker.tables.fetchval("SELECT count(*) FROM notifications") == 3000
