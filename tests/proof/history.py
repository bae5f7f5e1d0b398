"""What a random history has made so far, and by whom; what every machine that draws such histories knows."""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import httpx
import time_machine
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from taskapi.core.clock import utc_now
from taskapi.core.secrets.one_time import Purpose
from tests.proof.tables import TOLD, differences
from tests.support.change_log import Fold
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.sweeps import sweep
from tests.support.whole_tasks import require_whole

_T = TypeVar("_T")
_API = "/api/v1"
# Which of those there are: taken modulo how many there are by then.
any_one = st.integers(0, 7)
# Who acts: most often whoever made the project, or an administrator of the service, or a member.
who_acts = st.sampled_from([1, 1, 1, 0, 2]) | any_one
statuses = st.sampled_from(["backlog", "todo", "in_progress", "done", "cancelled"])
titles = st.sampled_from(["One", "Two"])
# What the trash keeps ends after 30 days; what else ends by then still stands when the clock is back.
_TRASH_IS_OVER = timedelta(days=30, hours=1)
_SWEEPS = ("trashed_tasks", "trashed_projects", "invitations", "sessions", "api_tokens", "one_time_tokens")
_LINKS = {
    Purpose.VERIFY_EMAIL: ("/auth/email/verify", {}),
    Purpose.CHANGE_EMAIL: ("/auth/email/change/confirm", {}),
    Purpose.UNDO_EMAIL_CHANGE: ("/auth/email/change/undo", {}),
    Purpose.RESET_PASSWORD: ("/auth/password/reset", {"password": PASSWORD}),
    Purpose.INVITATION: ("/invitations/accept", {}),
}


class History:
    """What has been made so far, and the clients of those who make it."""

    def __init__(self, make: Factory, tables: Any) -> None:
        self.make = make
        self.tables = tables
        self.fold = Fold()
        self.clients: list[httpx.AsyncClient] = []
        self.people: list[Person] = []
        self.projects: list[str] = []
        self.tasks: list[str] = []

    async def begin(self) -> None:
        """An administrator of the service, an owner and an editor of two projects, and three tasks in one another."""
        await self.tables.execute("SAVEPOINT history")
        for person in (await self.make.user("root", admin=True), await self.make.user(), await self.make.user()):
            self.join(person)
        for number in range(2):
            await self.add_project(1)
            member = {"user_id": str(self.people[2].id), "role": "editor"}
            await self.send(1, "POST", f"/projects/{self.projects[number]}/members", member)
        for number in range(3):
            task = {
                "title": "Task",
                "parent_id": self.tasks[-1] if number else None,
                "assignee_ids": [member["user_id"]],
            }
            await self.send(1, "POST", f"/projects/{self.projects[0]}/tasks", task, keep=self.tasks)

    async def end(self) -> None:
        for client in self.clients:
            await client.aclose()
        await self.tables.execute("ROLLBACK TO SAVEPOINT history; RELEASE SAVEPOINT history")
        self.make.app.state.parts.known_callers.clear()

    def join(self, person: Person) -> None:
        self.people.append(person)
        self.clients.append(self.make.client(person))

    async def add_project(self, who: int) -> None:
        body = {"key": f"P{len(self.projects)}X", "name": "Project"}
        await self.send(who, "POST", "/projects", body, keep=self.projects)

    async def send(
        self, who: int, method: str, path: str, body: dict[str, Any] | None = None, keep: list[str] | None = None
    ) -> None:
        """Whatever the answer is, but for a failure of the service; `keep` takes the id of what was made."""
        client = one_of(self.clients, who)
        given = {} if body is None else {"json": body}
        answer = await client.request(method, f"{_API}{path}", **given)  # type: ignore[arg-type]
        assert answer.status_code < 500, answer.text
        if answer.status_code == 401:
            await self.sign_in(who)
        if keep is not None and answer.status_code == 201:
            keep.append(answer.json()["id"])

    async def send_to_one_of(
        self, who: int, method: str, path: str, table: str, which: int, body: dict[str, Any] | None = None
    ) -> None:
        rows = await self.tables.fetch(f"SELECT * FROM {table} ORDER BY id")
        if rows:
            row = one_of(rows, which)
            await self.send(who, method, path.format(**row), body)

    async def mark_a_task(self, who: int, table: str, field: str, which: int) -> None:
        """With a label, a milestone or a cycle, and one of its project."""
        rows = await self.tables.fetch(
            f"SELECT t.id, m.id AS mark FROM {table} m JOIN tasks t USING (project_id) ORDER BY m.id, t.id"
        )
        if rows:
            task_id, mark = one_of(rows, which)
            value = [str(mark)] if field.endswith("_ids") else str(mark)
            await self.send(who, "PATCH", f"/tasks/{task_id}", {field: value})

    async def follow_link(self, who: int, which: int) -> None:
        tokens = await self.tables.fetch("SELECT id, purpose FROM one_time_tokens WHERE used_at IS NULL ORDER BY id")
        if tokens:
            token_id, purpose = one_of(tokens, which)
            path, more = _LINKS[Purpose(purpose)]
            token = self.make.app.state.parts.links.write(Purpose(purpose), token_id)
            await self.send(who, "POST", path, {"token": token, **more})

    async def sign_in(self, who: int) -> None:
        client, person = one_of(self.clients, who), one_of(self.people, who)
        body = {"username": person.username, "password": PASSWORD}
        answer = await client.post(f"{_API}/auth/login", json=body)
        if answer.status_code == 200:
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    async def wait(self) -> None:
        with time_machine.travel(utc_now() + _TRASH_IS_OVER, tick=True):
            for name in _SWEEPS:
                await sweep(self.make.app, name)

    async def wrong(self) -> list[str]:
        return await differences(self.fold, self.tables, utc_now(), TOLD)


def one_of(things: Sequence[_T], which: int) -> _T:
    return things[which % len(things)]


class Steps(RuleBasedStateMachine):
    """Drawn in a thread of its own, for hypothesis waits for each step; the steps happen in the tests' event loop."""

    loop: asyncio.AbstractEventLoop
    make: Factory
    tables: Any
    told: set[str]
    """The kinds of the facts that the histories so far were told by."""

    def __init__(self) -> None:
        super().__init__()
        self.history = History(self.make, self.tables)

    def do(self, step: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(step, self.loop).result(60)

    @initialize()
    def begin(self) -> None:
        self.do(self.history.begin())

    @invariant()
    def the_log_tells_what_the_tables_hold(self) -> None:
        assert self.do(self.history.wrong()) == []

    def teardown(self) -> None:
        self.told.update(self.history.fold.kinds)
        try:
            self.do(require_whole(self.tables))
        finally:
            self.do(self.history.end())

    def send(self, *request: Any, **more: Any) -> None:
        self.do(self.history.send(*request, **more))

    def project(self, which: int) -> str:
        return f"/projects/{one_of(self.history.projects, which)}"

    def task(self, which: int) -> str:
        return f"/tasks/{one_of(self.history.tasks, which)}"

    def person(self, which: int) -> str:
        return str(one_of(self.history.people, which).id)
