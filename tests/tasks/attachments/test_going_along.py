"""Files go where their task goes, copies share what is stored, and what nobody refers to is swept away."""

import os
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from taskapi.core.mail.mailers import ConsoleMailer
from taskapi.core.work.jobs import JobContext
from taskapi.tasks.attachments import jobs
from taskapi.tasks.attachments.jobs import forget_files
from tests.support.answers import problem
from tests.support.change_log import entries
from tests.support.factory import Factory, MadeProject
from tests.support.files import PNG, WEB_1_FILES, attach, content_of, stored

pytestmark = pytest.mark.usefixtures("task", "own_storage")
WEB_1 = "/api/v1/tasks/WEB-1"
A_DAY = 86_400


def age(tmp_path: Path, seconds: int = 2 * A_DAY) -> None:
    """All that is stored, as if nobody had written for so long."""
    then = time.time() - seconds
    for file in (tmp_path / "own").rglob("*"):
        if file.is_file():
            os.utime(file, (then, then))


async def sweep(app: FastAPI) -> None:
    parts = app.state.parts
    await forget_files.run(JobContext(parts.database, parts.settings, ConsoleMailer()))


async def names(client: httpx.AsyncClient, task: str) -> list[str]:
    return [item["name"] for item in (await client.get(f"/api/v1/tasks/{task}/attachments")).json()["items"]]


async def test_a_copied_task_has_the_files_too(owner: httpx.AsyncClient, app: FastAPI, tmp_path: Path) -> None:
    attachment = await attach(owner)
    copy = (await owner.post(f"{WEB_1}/duplicate", json={})).json()
    [copied] = (await owner.get(f"/api/v1/tasks/{copy['key']}/attachments")).json()["items"]
    assert copied == {
        **attachment,
        "id": copied["id"],
        "task_id": copy["id"],
        "created_at": copied["created_at"],
    }
    assert copied["id"] != attachment["id"]
    assert len(await stored(app)) == 1
    await owner.delete(f"/api/v1/attachments/{attachment['id']}")
    age(tmp_path)
    await sweep(app)
    assert (await owner.get(content_of(copied))).content == PNG
    await owner.delete(f"/api/v1/attachments/{copied['id']}")
    await sweep(app)
    assert await stored(app) == set()


async def test_a_copied_project_has_the_files_of_its_tasks(owner: httpx.AsyncClient, tables: Any) -> None:
    await attach(owner)
    made = await owner.post("/api/v1/projects/WEB/duplicate", json={"key": "COPY", "name": "C", "include_tasks": True})
    assert made.status_code == 201
    [copied] = (await owner.get("/api/v1/tasks/COPY-1/attachments")).json()["items"]
    assert (await owner.get(content_of(copied))).content == PNG
    [told] = await entries(tables, copied["id"])
    assert (told.kind, told.subject_key) == ("attachment.created", "COPY-1")


async def test_a_moved_task_takes_its_files_along(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, tables: Any
) -> None:
    attachment = await attach(owner)
    other = await make.project(web.owner, key="APP")
    await owner.post(f"{WEB_1}/move", json={"project": "APP"})
    assert await names(owner, "APP-1") == ["view1.png"]
    assert (await owner.get(content_of(attachment))).content == PNG
    assert await tables.fetchval("SELECT project_id FROM attachments") == other.id


async def test_files_of_a_merged_task_are_those_of_the_other(
    owner: httpx.AsyncClient, make: Factory, web: MadeProject, tables: Any
) -> None:
    attachment = await attach(owner)
    await make.project(web.owner, key="APP")
    into = (await owner.post("/api/v1/projects/APP/tasks", json={"title": "It"})).json()
    await owner.post(f"{WEB_1}/merge", json={"into": "APP-1"})
    assert (await names(owner, "WEB-1"), await names(owner, "APP-1")) == ([], ["view1.png"])
    told = [change for change in await entries(tables, attachment["id"]) if change.kind == "attachment.updated"]
    assert {change.subject_key for change in told} == {"WEB-1", "APP-1"}
    assert told[0].changes["task_id"] == [attachment["task_id"], into["id"]]
    assert await tables.fetchval("SELECT project_id FROM attachments") == await tables.fetchval(
        "SELECT id FROM projects WHERE key = 'APP'"
    )


async def test_the_trash_hides_files_and_gives_them_back(owner: httpx.AsyncClient) -> None:
    attachment = await attach(owner)
    await owner.delete(WEB_1)
    for path in (WEB_1_FILES, f"/api/v1/attachments/{attachment['id']}", content_of(attachment)):
        assert problem(await owner.get(path)) == (404, "not_found")
    assert problem(await owner.delete(f"/api/v1/attachments/{attachment['id']}")) == (404, "not_found")
    await owner.post(f"{WEB_1}/restore")
    assert (await owner.get(content_of(attachment))).content == PNG


async def test_a_purged_task_leaves_nothing_stored(owner: httpx.AsyncClient, app: FastAPI, tmp_path: Path) -> None:
    await attach(owner)
    await owner.delete(WEB_1)
    await owner.delete(WEB_1, params={"permanent": "true"})
    age(tmp_path)
    await sweep(app)
    assert await stored(app) == set()


async def test_the_sweep_leaves_what_is_referred_to_and_what_is_new(
    owner: httpx.AsyncClient, app: FastAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_STEP", 2)
    kept = [await attach(owner, str(number).encode()) for number in range(5)]
    folder = tmp_path / "own" / "attachments"
    known = await stored(app)
    strays = [uuid4().hex, f"{uuid4().hex}#1", "not-ours"]
    for name in strays:
        (folder / name).write_bytes(b"stray")
    await sweep(app)
    assert len(await stored(app)) == 8
    age(tmp_path)
    (folder / uuid4().hex).write_bytes(b"on its way")
    await sweep(app)
    left = await stored(app)
    assert known < left
    assert len(left) == 6
    for attachment in kept:
        assert (await owner.get(content_of(attachment))).status_code == 200
