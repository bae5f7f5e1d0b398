"""make: people, projects and tasks for tests, through the services, so that they are what the API would make."""

import itertools
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from taskapi.auth.accounts import Device
from taskapi.auth.sign_in import service as sign_in
from taskapi.core.callers import Caller
from taskapi.core.db.database import unit_of_work
from taskapi.models import ProjectRole, SystemRole
from taskapi.projects import service as projects
from taskapi.projects.members import service as members
from taskapi.projects.members.schemas import MemberCreate
from taskapi.projects.schemas import ProjectCreate
from taskapi.tasks import service as tasks
from taskapi.tasks.schemas import TaskCreate
from taskapi.users import service as users
from taskapi.users.schemas import Register
from tests.support.contract import contract_of

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Person:
    id: UUID
    username: str
    email: str
    access_token: str
    refresh_token: str
    caller: Caller

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}"}


@dataclass(frozen=True)
class MadeProject:
    id: UUID
    key: str
    owner: Person

    @property
    def tasks_path(self) -> str:
        return f"/api/v1/projects/{self.key}/tasks"


class Factory:
    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.contract = contract_of(app)
        self._numbers = itertools.count(1)

    async def user(self, username: str | None = None, *, admin: bool = False, **fields: Any) -> Person:
        """Somebody who is signed in."""
        username = username or f"user{next(self._numbers)}"
        data = Register(username=username, email=f"{username}@example.com", password=PASSWORD, **fields)
        parts = self.app.state.parts
        role = SystemRole.ADMIN if admin else SystemRole.USER
        async with unit_of_work(parts.database) as session:
            document = await users.create_user(session, parts, data, role)
        pair = await sign_in.sign_in(parts, username, PASSWORD, Device("127.0.0.1", "tests"))
        user_id = UUID(document.fields()["id"])
        return Person(user_id, username, data.email, pair.access_token, pair.refresh_token, Caller(user_id, role))

    async def project(self, owner: Person | None = None, key: str | None = None, name: str = "Project") -> MadeProject:
        owner = owner or await self.user()
        key = key or f"P{next(self._numbers)}X"
        async with unit_of_work(self.app.state.parts.database) as session:
            document = await projects.create_project(session, owner.caller, ProjectCreate(key=key, name=name))
        return MadeProject(UUID(document.fields()["id"]), key, owner)

    async def member(self, project: MadeProject, role: ProjectRole, person: Person | None = None) -> Person:
        person = person or await self.user()
        async with unit_of_work(self.app.state.parts.database) as session:
            data = MemberCreate.model_validate({"user_id": str(person.id), "role": role})
            await members.add_member(session, project.owner.caller, project.key, data)
        return person

    async def task(self, project: MadeProject, title: str = "Task", **fields: Any) -> dict[str, Any]:
        """A task as clients read it."""
        async with unit_of_work(self.app.state.parts.database) as session:
            data = TaskCreate.model_validate({"title": title, **fields})
            document = await tasks.create_task(session, project.owner.caller, project.key, data)
        return document.fields()

    def client(self, person: Person | None = None) -> httpx.AsyncClient:
        """Over ASGI; each of its answers is held against the OpenAPI document."""

        async def check(response: httpx.Response) -> None:
            await response.aread()
            self.contract.check(response)

        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://test",
            headers=person.headers if person else None,
            event_hooks={"response": [check]},
        )
