"""How a run ends: in peace, by a cancellation, by lost rights, or with its worker; and who hears of it."""

import asyncio
import random
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from taskapi.automation.runs.reactions import ACTING
from taskapi.core.change_log.readers import behind
from taskapi.core.change_log.tail import Tail
from taskapi.core.db.database import unit_of_work
from taskapi.imports import rows, service
from taskapi.imports.batches import service as batches
from taskapi.imports.runs import service as runs
from taskapi.models import ProjectRole
from taskapi.notifications.reactions import READER as NOTIFYING
from taskapi.webhooks.reactions import READER as WEBHOOKS
from tests.conftest import ClientFor
from tests.imports.conftest import Importer, form, run_import
from tests.imports.test_imports import tasks
from tests.support.answers import problem
from tests.support.api_tokens import api_token, carrying
from tests.support.databases import connect
from tests.support.factory import Factory, MadeProject
from tests.support.readers import read_all
from tests.support.whole_tasks import require_whole

IMPORTS = "/api/v1/projects/WEB/imports"
MANY = "id,title\n" + "".join(f"{number},Task {number}\n" for number in range(20))


async def begin(client: httpx.AsyncClient, content: str = MANY, **said: Any) -> str:
    begun = await client.post(IMPORTS, **form(content, **said))
    assert begun.status_code == 202, begun.text
    found: str = begun.json()["id"]
    return found


async def read(client: httpx.AsyncClient, import_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"/api/v1/imports/{import_id}")).json()
    return found


async def stored(app: FastAPI) -> list[str]:
    return [found.key async for found in app.state.parts.storage.list("imports")]


async def test_a_project_has_one_import_at_a_time(owner: httpx.AsyncClient, app: FastAPI) -> None:
    first = await begin(owner)
    assert problem(await owner.post(IMPORTS, **form(MANY))) == (409, "import_in_progress")
    assert len(await stored(app)) == 1
    await run_import(app, first)
    assert await stored(app) == []
    await begin(owner)


async def test_a_cancelled_import_keeps_what_it_has_written_and_writes_no_more(
    owner: httpx.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch, tables: Any
) -> None:
    monkeypatch.setattr(runs, "MOST_ROWS", 5)
    import_id = await begin(owner)
    write = batches.write
    written = 0

    async def counting(*given: Any) -> Any:
        nonlocal written
        written += 1
        if written == 3:
            await tables.execute("UPDATE imports SET state = 'cancelled'")
        return await write(*given)

    monkeypatch.setattr(batches, "write", counting)
    await run_import(app, import_id)
    assert (await read(owner, import_id))["created"] == len(await tasks(owner)) == 15
    # And by its client, before anybody has begun with it.
    await tables.execute("DELETE FROM imports")
    other = await begin(owner)
    assert (await owner.delete(f"/api/v1/imports/{other}")).status_code == 204
    await run_import(app, other)
    cancelled = await read(owner, other)
    assert (cancelled["state"], cancelled["created"], cancelled["finished_at"] is None) == ("cancelled", 0, False)
    assert problem(await owner.delete(f"/api/v1/imports/{other}")) == (409, "import_over")
    assert len(await tasks(owner)) == 15


@pytest.mark.parametrize("what", ["role", "account", "archived", "deleted", "token"])
async def test_who_lost_the_right_meanwhile_brings_in_nothing_more(
    what: str,
    web: MadeProject,
    make: Factory,
    owner: httpx.AsyncClient,
    client_for: ClientFor,
    app: FastAPI,
    tables: Any,
) -> None:
    editor = await make.member(web, ProjectRole.EDITOR)
    client = client_for(editor)
    if what == "token":
        carrying(client, await api_token(make, editor, "tasks:write", "tasks:read"))
    import_id = await begin(client)
    codes = {"archived": "project_archived", "deleted": "project_deleted"}
    sql = {
        "role": "UPDATE members SET role = 'viewer' WHERE role = 'editor'",
        "account": f"UPDATE users SET is_active = false WHERE id = '{editor.id}'",
        "archived": "UPDATE projects SET archived_at = now()",
        "deleted": "UPDATE projects SET deleted_at = now()",
        "token": "UPDATE api_tokens SET revoked_at = now()",
    }
    await tables.execute(sql[what])
    await run_import(app, import_id)
    row = await tables.fetchrow("SELECT state, error ->> 'code' AS code FROM imports")
    assert tuple(row) == ("failed", codes.get(what, "importer_lost_rights"))
    assert await tables.fetchval("SELECT count(*) FROM tasks") == 0
    if what in {"role", "account", "token"}:
        assert (await read(owner, import_id))["error"]["code"] == "importer_lost_rights"


async def test_what_is_no_table_fails_with_a_reason(owner: httpx.AsyncClient, bring: Importer) -> None:
    for content in (b"PK\x03\x04" + bytes(2000), b"name;colour\nA;red\n" * 3, b" \n \n"):
        done = await bring(content.replace(b"name", b"nom"))
        assert (done["state"], done["error"]["code"]) == ("failed", "unreadable_file")
    assert await tasks(owner) == []


async def test_a_row_that_the_database_refuses_is_a_problem_of_its_own(
    owner: httpx.AsyncClient, bring: Importer, monkeypatch: pytest.MonkeyPatch, tables: Any
) -> None:
    make = rows.new_task

    def broken(making: Any, record: Any, *rest: Any) -> Any:
        if record.title == "Task 13":
            raise KeyError("nobody thought of that")
        return make(making, record, *rest)

    monkeypatch.setattr(rows, "new_task", broken)
    done = await bring(MANY)
    assert (done["state"], done["created"], done["failed"], done["total"]) == ("done", 19, 1, 20)
    assert [(one["line"], one["code"]) for one in done["problems"]] == [(15, "not_writable")]
    assert [task["number"] for task in await tasks(owner)] == list(range(1, 20))
    await require_whole(tables)


async def test_workers_that_die_or_meet_leave_no_twin(
    live: Factory, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended at any moment, and begun again by two at once."""
    monkeypatch.setattr(runs, "MOST_ROWS", 7)
    project = await live.project(key="WEB")
    content = "title,parent,id\n" + "".join(f"Task {n},{n + 40 if n % 3 else ''},{n}\n" for n in range(100))
    tables, chance = await connect(database_url), random.Random(7)
    async with live.client(project.owner) as client:
        import_id = await begin(client, content)
        for _ in range(6):
            running = [asyncio.create_task(run_import(live.app, import_id)) for _ in range(2)]
            await asyncio.sleep(chance.random() / 4)
            for one in running:
                one.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await tables.execute("UPDATE imports SET starts = 0")
        await run_import(live.app, import_id)
        done = await read(client, import_id)
    assert (done["state"], done["created"], done["total"]) == ("done", 100, 100), done
    assert await tables.fetchval("SELECT count(DISTINCT title) FROM tasks") == 100
    parents = "SELECT count(*) FROM tasks child JOIN tasks parent ON parent.id = child.parent_id"
    assert await tables.fetchval(parents) == 40
    assert await tables.fetchval("SELECT count(*) FROM events WHERE kind = 'task.created'") == 100
    await require_whole(tables)
    await tables.close()


async def test_nobody_is_told_of_what_was_brought_along_but_that_it_is_done(
    live: Factory, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskapi.core.change_log.tail._PATIENCE", -1.0)
    monkeypatch.setattr(ACTING.__class__, "at_once", 3, raising=False)
    project = await live.project(key="WEB")
    ana = await live.member(project, ProjectRole.EDITOR, await live.user("ana"))
    tables, database = await connect(database_url), live.app.state.parts.database
    readers, tail = (ACTING, NOTIFYING, WEBHOOKS), Tail()
    for reader in readers:
        await read_all(database, tail, reader)
    async with live.client(project.owner) as client:
        hook = {"url": "https://8.8.8.8/hook", "events": ["*"]}
        assert (await client.post("/api/v1/projects/WEB/webhooks", json=hook)).status_code == 201
        rule = {"name": "R", "kinds": ["task.created"], "actions": [{"type": "patch", "patch": {"priority": "high"}}]}
        assert (await client.post("/api/v1/projects/WEB/rules", json=rule)).status_code == 201
        import_id = await begin(client, "title,assignee\n" + "".join(f"T{n},ana\n" for n in range(30)))
        await run_import(live.app, import_id)
        made = await client.post("/api/v1/projects/WEB/tasks", json={"title": "By hand", "assignee_ids": [str(ana.id)]})
        assert made.status_code == 201
    for reader in readers:
        await read_all(database, tail, reader)
    assert await behind(database, tail, readers) == []
    told = await tables.fetch("SELECT kind FROM webhook_deliveries ORDER BY id")
    kinds = {row["kind"] for row in told}
    assert {"import.created", "import.finished", "task.created"} <= kinds
    assert sum(row["kind"] == "task.created" for row in told) == 1
    assert await tables.fetchval("SELECT count(*) FROM notifications WHERE kind = 'assigned'") == 1
    assert await tables.fetchval("SELECT count(*) FROM rule_runs") == 1
    assert await tables.fetchval("SELECT count(*) FROM tasks WHERE priority = 'high'") == 1
    await tables.close()


async def test_what_is_left_behind_is_swept_away_and_what_was_forgotten_is_begun_again(
    owner: httpx.AsyncClient, app: FastAPI, tables: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = await begin(owner)
    storage = app.state.parts.storage

    async def nothing() -> Any:
        yield b"left"

    await storage.put(service.key(uuid4()), nothing())
    monkeypatch.setattr(service, "_ORPHANED", -service._SILENT)
    async with unit_of_work(app.state.parts.database) as session:
        await service.forget_files(session, storage)
    assert await stored(app) == [service.key(UUID(import_id))]
    jobs = "SELECT count(*) FROM jobs.pgqueuer WHERE entrypoint = 'imports.run'"
    async with unit_of_work(app.state.parts.database) as session:
        assert not await service.wake_silent(session)
    assert await tables.fetchval(jobs) == 1
    await tables.execute("UPDATE imports SET touched_at = now() - interval '1 hour'")
    async with unit_of_work(app.state.parts.database) as session:
        assert await service.wake_silent(session)
    assert await tables.fetchval(jobs) == 2
    await run_import(app, import_id)
    await run_import(app, import_id)
    assert (await read(owner, import_id))["created"] == 20


async def test_one_that_kills_its_workers_is_given_up(owner: httpx.AsyncClient, app: FastAPI, tables: Any) -> None:
    import_id = await begin(owner)
    await tables.execute("UPDATE imports SET starts = 10")
    await run_import(app, import_id)
    assert (await read(owner, import_id))["error"]["code"] == "given_up"
