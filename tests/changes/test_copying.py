"""A copy that is kept by GET /changes alone is the database, whoever writes, fails, waits or is killed meanwhile.

COPYING=10000 makes so many changes; the suite makes a few.
"""

import asyncio
import os
import random
from contextlib import suppress
from dataclasses import replace
from typing import Any

import asyncpg
import httpx
import pytest

from taskapi.auth import callers
from taskapi.changes.streams.hub import Hub
from taskapi.core.clock import utc_now
from taskapi.models import ProjectRole
from taskapi.settings import Settings
from taskapi.tasks import service as tasks
from taskapi.tasks.schemas import TaskCreate
from tests.proof.tables import TOLD, held
from tests.support.copying import Copy, Wanderer
from tests.support.databases import connect
from tests.support.factory import Factory, MadeProject, Person
from tests.support.following import now, settled, since

WRITERS = 16
CHANGES = int(os.environ.get("COPYING", "160"))
# Nobody but those who audit the service is told of these; of views only those of a project are told, to its members.
_NOT_TOLD = {"user", "session", "api_token", "identity", "reminder", "view"}


class Writer:
    """Does what people do, at random, to tasks that all of them change; what fails has not happened."""

    def __init__(self, client: httpx.AsyncClient, projects: list[MadeProject], keys: list[str]) -> None:
        self.client, self.projects, self.keys = client, projects, keys

    async def write(self) -> None:
        key = random.choice(self.keys) if self.keys else ""
        path, project = f"/api/v1/tasks/{key}", random.choice(self.projects)
        match random.randrange(9):
            case 0 | 1:
                made = await self._send("POST", project.tasks_path, {"title": f"Task {random.random()}"})
                self.keys += [made["key"]] if "key" in made else []
            case 2:
                await self._send("PATCH", path, {"title": f"Title {random.random()}", "priority": "high"})
            case 3:
                await self._send("POST", f"{path}/{random.choice(('complete', 'reopen'))}")
            case 4:
                await self._send("POST", f"{path}/comments", {"body": f"Comment {random.random()}"})
            case 5:
                await self._send("POST", f"{path}/move", {"project": project.key})
            case 6:
                await self._send(*random.choice((("DELETE", path), ("POST", f"{path}/restore"))))
            case 7:
                name = f"Label {random.randrange(40)}"
                await self._send("POST", f"/api/v1/projects/{project.key}/labels", {"name": name, "color": "#2f6feb"})
            case 8:
                await self._send("POST", project.tasks_path, {"title": "Never"}, Prefer="validate-only")

    async def _send(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        answer = await self.client.request(method, path, json=body, headers=headers, follow_redirects=True)
        assert answer.status_code < 500 or answer.status_code in {503, 507}, answer.text
        found: dict[str, Any] = answer.json() if answer.is_success and answer.content else {}
        return found


async def _kill(admin: asyncpg.Connection, done: asyncio.Event) -> None:
    while not done.is_set():
        await asyncio.sleep(random.uniform(0.1, 0.3))
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 2"
        )


async def _hold(live: Factory, owner: Person, project: MadeProject) -> None:
    """A transaction that writes first and commits last; where it was killed, nothing of it is there."""
    with suppress(Exception):
        async with live.app.state.parts.database.writer() as session:
            await tasks.create_task(session, owner.caller, project.key, TaskCreate(title="Held"))
            await asyncio.sleep(0.5)
            await session.commit()


@pytest.mark.slow
async def test_a_copy_by_changes_alone_is_the_database(live: Factory, direct_url: str) -> None:
    owner, reader = await live.user(), await live.user()
    parts = live.app.state.parts
    hub = Hub(replace(parts, settings=Settings(changes={"stream_seconds": 3600})))
    admin = await connect(direct_url)
    async with live.client(owner) as client, live.client(reader) as reading:
        copy = Copy(client)
        await copy.begin(live)
        begin = copy.cursor
        projects = [await live.project(owner, key=key) for key in ("WEB", "APP")]
        for project in projects:
            await live.member(project, ProjectRole.ADMIN, reader)
        outside = await now(live, reading)
        wanderer = Wanderer(hub, await callers.verify(parts, reader.access_token, None), outside)
        keys: list[str] = []
        writers = [Writer(client, projects, keys) for _ in range(WRITERS)]
        done = asyncio.Event()
        around = [asyncio.create_task(_kill(admin, done)), asyncio.create_task(wanderer.wander(done))]
        holding = asyncio.create_task(_hold(live, owner, projects[0]))

        async def follow() -> None:
            while not done.is_set():
                await copy.catch_up()
                await asyncio.sleep(0.02)

        around.append(asyncio.create_task(follow()))
        left = iter(range(CHANGES))

        async def work(writer: Writer) -> None:
            for _ in left:
                await writer.write()

        await asyncio.gather(*(work(writer) for writer in writers), holding)
        done.set()
        await asyncio.gather(*around)
        await settled(live)
        await copy.catch_up()
        told = {name: told for name, told in TOLD.items() if name not in _NOT_TOLD}
        stored = await held(admin, utc_now(), told)
        assert copy.things() == stored
        assert copy.told == [item["id"] for item in await since(client, begin)]
        assert len(set(copy.told)) == len(copy.told)
        expected = [item["id"] for item in await since(reading, outside)]
        await wanderer.visit(30, until=len(expected))
        assert wanderer.told == expected
        assert wanderer.visits > 1
    await admin.close()
