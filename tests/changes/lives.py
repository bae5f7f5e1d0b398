"""Random lives of tasks: whatever somebody with all rights does to them, in any order, and what became of it."""

import json
import random
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import httpx
from sqlalchemy import select

from taskapi.core.clock import utc_now
from taskapi.core.db.statements import One, as_json, prepare
from taskapi.models import Project, Task
from taskapi.tasks.queries import task_fields
from tests.support.factory import Factory, MadeProject

_BODIES = prepare(
    select(as_json(task_fields(Task, Project.key))).join(Project, Project.id == Task.project_id), row=One[str]
)
Tasks = dict[str, dict[str, Any]]


async def call(client: httpx.AsyncClient, method: str, path: str, body: Any = None) -> httpx.Response:
    if body is None:
        return await client.request(method, f"/api/v1{path}")
    return await client.request(method, f"/api/v1{path}", json=body)


async def ok(client: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    answer = await call(client, method, path, body)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


async def all_tasks(make: Factory) -> Tasks:
    """With those in the trash, by id."""
    async with make.app.state.parts.database.reader(lambda: None) as session:
        bodies = [json.loads(body) for body in await session.fetch_values(_BODIES)]
    return {body["id"]: body for body in bodies}


class Lives:
    """Tasks of one project, or of two between which they move, and what its owner does to them."""

    def __init__(self, make: Factory, client: httpx.AsyncClient, projects: Iterable[MadeProject], seed: int) -> None:
        self.make, self.client, self.random = make, client, random.Random(seed)
        self.projects = [project.key for project in projects]
        self.tasks: list[str] = []
        self.labels: list[str] = []
        self.milestones: list[str] = []

    async def begin(self) -> None:
        home = f"/projects/{self.projects[0]}"
        for number in range(3):
            label = await ok(self.client, "POST", f"{home}/labels", {"name": f"l{number}", "color": "#d73a4a"})
            self.labels.append(label["id"])
        self.milestones.append((await ok(self.client, "POST", f"{home}/milestones", {"name": "One"}))["id"])
        await ok(self.client, "POST", f"{home}/fields", {"key": "cost", "name": "Cost", "type": "number"})
        await ok(self.client, "POST", f"{home}/fields", {"key": "note", "name": "Note", "type": "text"})
        for _ in range(4):
            await self.create()

    async def create(self) -> None:
        body: dict[str, Any] = {"title": self._word()}
        if self.tasks and self.random.random() < 0.3:
            body["parent_id"] = self._task()
        answer = await call(self.client, "POST", f"/projects/{self.projects[0]}/tasks", body)
        if answer.status_code == 201:
            self.tasks.append(answer.json()["id"])

    async def step(self) -> None:
        """Something; what is refused is a part of life."""
        choose, path = self.random.choice, f"/tasks/{self._task()}"
        act = choose(
            ["patch"] * 8
            + ["restore"] * 3
            + ["complete", "reopen", "delete", "restore", "restore", "place", "place", "create"]
        )
        if act == "create":
            await self.create()
        elif act == "patch":
            await call(self.client, "PATCH", path, self._patch())
        elif act == "delete":
            await call(self.client, "DELETE", path)
        elif act == "place":
            status = {"status": choose(["todo", "in_progress", "done"])} if self.random.random() < 0.5 else {}
            await call(self.client, "POST", f"{path}/move", {**status, choose(["before", "after"]): self._task()})
        else:
            await call(self.client, "POST", f"{path}/{act}")
        if len(self.projects) > 1 and self.random.random() < 0.15:
            await call(self.client, "POST", f"{path}/move", {"project": choose(self.projects)})
        if self.labels and self.random.random() < 0.03:
            await call(self.client, "DELETE", f"/projects/{self.projects[0]}/labels/{self.labels.pop()}")

    def _patch(self) -> dict[str, Any]:
        choose = self.random.choice
        values: dict[str, Any] = {
            "title": self._word(),
            "description": choose([None, self._word()]),
            "status": choose(["backlog", "todo", "in_progress", "done", "cancelled"]),
            "priority": choose(["none", "low", "urgent"]),
            "estimate": choose([None, 0.5, 3]),
            "start_on": choose([None, "2026-01-01"]),
            "due_on": choose([None, "2026-02-01"]),
            "due_at": choose([None, "2026-03-01T12:30:00Z"]),
            "parent_id": choose([None, self._task()]),
            "label_ids": self.random.sample(self.labels, self.random.randint(0, len(self.labels))),
            "milestone_id": choose([None, *self.milestones]),
            "fields": {choose(["cost", "note"]): None}
            if self.random.random() < 0.3
            else {"cost": self.random.random()},
        }
        if self.random.random() < 0.5:
            values["fields"] = {"note": self._word()}
        names = self.random.sample(sorted(values), self.random.randint(1, 3))
        return {name: values[name] for name in names if not (name == "due_at" and "due_on" in names)}

    def _task(self) -> str:
        return self.random.choice(self.tasks)

    def _word(self) -> str:
        return self.random.choice(["One", "Two", "Three", "Four"])


class Remembered:
    """Each state of each task, with a moment at which it was so."""

    def __init__(self, make: Factory) -> None:
        self.make = make
        self.states: list[tuple[datetime, dict[str, Any]]] = []
        self._known: Tasks = {}

    async def look(self) -> None:
        there = await all_tasks(self.make)
        self.states += [(utc_now(), body) for key, body in there.items() if self._known.get(key) != body]
        self._known = there
