"""Random histories: everything that writes, in any order, by people who may and who may not.

What is refused, or finds nothing, is a part of a history, too: it must leave the tables and the log as they were.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import httpx
import time_machine
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from taskapi.core.clock import utc_now
from taskapi.core.secrets.one_time import Purpose
from tests.proof.tables import TOLD, differences
from tests.support.api_tokens import wanted
from tests.support.change_log import Fold
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.sweeps import sweep

_T = TypeVar("_T")
_API = "/api/v1"
# Which of those there are: taken modulo how many there are by then.
_any = st.integers(0, 7)
# Who acts: most often whoever made the project, or an administrator of the service, or a member.
_who = st.sampled_from([1, 1, 1, 0, 2]) | _any
_MOST_PEOPLE, _MOST_PROJECTS = 5, 3
_roles = st.sampled_from(["viewer", "commenter", "editor", "admin", "owner"])
_statuses = st.sampled_from(["backlog", "todo", "in_progress", "done", "cancelled"])
_categories = st.sampled_from(["backlog", "unstarted", "started", "done", "cancelled"])
_titles = st.sampled_from(["One", "Two"])
_marks = st.sampled_from([("labels", "label_ids"), ("milestones", "milestone_id"), ("cycles", "cycle_id")])
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
        client = _one(self.clients, who)
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
            row = _one(rows, which)
            await self.send(who, method, path.format(**row), body)

    async def mark_a_task(self, who: int, table: str, field: str, which: int) -> None:
        """With a label, a milestone or a cycle, and one of its project."""
        rows = await self.tables.fetch(
            f"SELECT t.id, m.id AS mark FROM {table} m JOIN tasks t USING (project_id) ORDER BY m.id, t.id"
        )
        if rows:
            task_id, mark = _one(rows, which)
            value = [str(mark)] if field.endswith("_ids") else str(mark)
            await self.send(who, "PATCH", f"/tasks/{task_id}", {field: value})

    async def follow_link(self, who: int, which: int) -> None:
        tokens = await self.tables.fetch("SELECT id, purpose FROM one_time_tokens WHERE used_at IS NULL ORDER BY id")
        if tokens:
            token_id, purpose = _one(tokens, which)
            path, more = _LINKS[Purpose(purpose)]
            token = self.make.app.state.parts.links.write(Purpose(purpose), token_id)
            await self.send(who, "POST", path, {"token": token, **more})

    async def sign_in(self, who: int) -> None:
        client, person = _one(self.clients, who), _one(self.people, who)
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


def _one(things: Sequence[_T], which: int) -> _T:
    return things[which % len(things)]


class Histories(RuleBasedStateMachine):
    """Drawn in a thread of its own, for hypothesis waits for each step; the steps happen in the tests' event loop."""

    loop: asyncio.AbstractEventLoop
    make: Factory
    tables: Any
    told: set[str]
    """The kinds of the facts that the histories so far were told by."""

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop, make: Factory, tables: Any) -> type["Histories"]:
        """Hypothesis makes one for each history, with no arguments."""
        return type("Histories", (cls,), {"loop": loop, "make": make, "tables": tables, "told": set()})

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
        self.do(self.history.end())

    def send(self, *request: Any, **more: Any) -> None:
        self.do(self.history.send(*request, **more))

    def project(self, which: int) -> str:
        return f"/projects/{_one(self.history.projects, which)}"

    def task(self, which: int) -> str:
        return f"/tasks/{_one(self.history.tasks, which)}"

    def person(self, which: int) -> str:
        return str(_one(self.history.people, which).id)

    # Tasks

    @rule(who=_who, where=_any, parent=st.none() | _any, assignees=st.lists(_any, max_size=2))
    def add_task(self, who: int, where: int, parent: int | None, assignees: list[int]) -> None:
        body: dict[str, Any] = {"title": "Task", "assignee_ids": [self.person(one) for one in assignees]}
        if parent is not None:
            body["parent_id"] = _one(self.history.tasks, parent)
        self.send(who, "POST", f"{self.project(where)}/tasks", body, keep=self.history.tasks)

    @rule(
        who=_who,
        which=_any,
        body=st.fixed_dictionaries(
            {},
            optional={
                "title": _titles,
                "description": st.none() | _titles,
                "status": _statuses,
                "priority": st.sampled_from(["none", "high"]),
                "due_on": st.none() | st.just("2026-01-01"),
                "due_at": st.none() | st.just("2026-01-01T12:00:00Z"),
                "estimate": st.none() | st.sampled_from([0.5, 2]),
            },
        ),
    )
    def change_task(self, who: int, which: int, body: dict[str, Any]) -> None:
        self.send(who, "PATCH", self.task(which), body)

    @rule(who=_who, which=_any, parent=st.none() | _any, assignee=_any)
    def hang_task(self, who: int, which: int, parent: int | None, assignee: int) -> None:
        above = None if parent is None else _one(self.history.tasks, parent)
        self.send(who, "PATCH", self.task(which), {"parent_id": above, "assignee_ids": [self.person(assignee)]})

    @rule(who=_who, which=_any, act=st.sampled_from(["complete", "reopen", "restore"]))
    def act_on_task(self, who: int, which: int, act: str) -> None:
        self.send(who, "POST", f"{self.task(which)}/{act}")

    @rule(who=_who, which=_any, status=st.none() | _statuses, project=st.none() | _any, after=st.none() | _any)
    def move_task(self, who: int, which: int, status: str | None, project: int | None, after: int | None) -> None:
        body: dict[str, Any] = {} if status is None else {"status": status}
        body |= {} if project is None else {"project": _one(self.history.projects, project)}
        body |= {} if after is None else {"after": _one(self.history.tasks, after)}
        self.send(who, "POST", f"{self.task(which)}/move", body)

    @rule(who=_who, which=_any, permanent=st.booleans())
    def delete_task(self, who: int, which: int, permanent: bool) -> None:
        self.send(who, "DELETE", f"{self.task(which)}{'?permanent=true' if permanent else ''}")

    @rule(who=_who, which=_any, other=_any, type=st.sampled_from(["blocks", "blocks", "relates_to", "duplicates"]))
    def link_tasks(self, who: int, which: int, other: int, type: str) -> None:  # noqa: A002 - as the body calls it
        body = {"type": type, "task_id": _one(self.history.tasks, other)}
        self.send(who, "POST", f"{self.task(which)}/links", body)

    @rule(who=_who, which=_any, other=_any)
    def merge_tasks(self, who: int, which: int, other: int) -> None:
        self.send(who, "POST", f"{self.task(which)}/merge", {"into": _one(self.history.tasks, other)})

    @rule(who=_who, which=_any, end=st.sampled_from(["source_id", "target_id"]))
    def unlink_tasks(self, who: int, which: int, end: str) -> None:
        path = f"/tasks/{{{end}}}/links/{{id}}"
        self.do(self.history.send_to_one_of(who, "DELETE", path, "task_links", which))

    @rule(who=_who, which=_any, text=_titles, position=st.none() | st.integers(0, 3))
    def add_item(self, who: int, which: int, text: str, position: int | None) -> None:
        body = {"text": text, "position": position}
        self.send(who, "POST", f"{self.task(which)}/checklist", body)

    @rule(who=_who, which=_any, done=st.booleans(), position=st.integers(0, 3))
    def change_item(self, who: int, which: int, done: bool, position: int) -> None:
        path, body = "/tasks/{task_id}/checklist/{id}", {"done": done, "position": position}
        self.do(self.history.send_to_one_of(who, "PATCH", path, "checklist_items", which, body))

    @rule(who=_who, which=_any, convert=st.booleans())
    def end_item(self, who: int, which: int, convert: bool) -> None:
        path, method = "/tasks/{task_id}/checklist/{id}", "POST" if convert else "DELETE"
        path = f"{path}/convert" if convert else path
        self.do(self.history.send_to_one_of(who, method, path, "checklist_items", which))

    @rule(who=_who, which=_any, project=st.none() | _any)
    def copy_task(self, who: int, which: int, project: int | None) -> None:
        body = {} if project is None else {"project": _one(self.history.projects, project)}
        self.send(who, "POST", f"{self.task(which)}/duplicate", body, keep=self.history.tasks)

    @rule(who=_who, which=_any, whom=_any)
    def comment(self, who: int, which: int, whom: int) -> None:
        body = {"body": f"Hello @{_one(self.history.people, whom).username}"}
        self.send(who, "POST", f"{self.task(which)}/comments", body)

    @rule(who=_who, which=_any, body=st.none() | st.fixed_dictionaries({"body": _titles}))
    def change_comment(self, who: int, which: int, body: dict[str, Any] | None) -> None:
        method, path = "DELETE" if body is None else "PATCH", "/tasks/{task_id}/comments/{id}"
        self.do(self.history.send_to_one_of(who, method, path, "comments", which, body))

    @rule(who=_who, which=_any, method=st.sampled_from(["PUT", "PUT", "DELETE"]))
    def react(self, who: int, which: int, method: str) -> None:
        path = "/tasks/{task_id}/comments/{id}/reactions/%F0%9F%91%8D"
        self.do(self.history.send_to_one_of(who, method, path, "comments", which))

    @rule(who=_who, which=_any, method=st.sampled_from(["PUT", "PUT", "DELETE"]))
    def watch(self, who: int, which: int, method: str) -> None:
        self.send(who, method, f"{self.task(which)}/watch")

    # Projects

    @precondition(lambda self: len(self.history.projects) < _MOST_PROJECTS)
    @rule(who=_who)
    def add_project(self, who: int) -> None:
        self.do(self.history.add_project(who))

    @rule(
        who=_who,
        which=_any,
        body=st.fixed_dictionaries(
            {}, optional={"name": _titles, "archived": st.booleans(), "color": st.none() | st.just("#2f6feb")}
        ),
    )
    def change_project(self, who: int, which: int, body: dict[str, Any]) -> None:
        self.send(who, "PATCH", self.project(which), body)

    @rule(who=_who, which=_any, restore=st.booleans())
    def trash_project(self, who: int, which: int, restore: bool) -> None:
        path = self.project(which)
        self.send(who, "POST", f"{path}/restore") if restore else self.send(who, "DELETE", path)

    @rule(who=_who, where=_any, whom=_any, role=_roles)
    def add_member(self, who: int, where: int, whom: int, role: str) -> None:
        self.send(who, "POST", f"{self.project(where)}/members", {"user_id": self.person(whom), "role": role})

    @rule(who=_who, where=_any, whom=_any, role=_roles)
    def change_role(self, who: int, where: int, whom: int, role: str) -> None:
        self.send(who, "PATCH", f"{self.project(where)}/members/{self.person(whom)}", {"role": role})

    @rule(who=_who, where=_any, whom=_any)
    def remove_member(self, who: int, where: int, whom: int) -> None:
        self.send(who, "DELETE", f"{self.project(where)}/members/{self.person(whom)}")

    @rule(who=_who, where=_any)
    def leave(self, who: int, where: int) -> None:
        self.send(who, "POST", f"{self.project(where)}/leave")

    @rule(who=_who, where=_any, whom=_any)
    def transfer(self, who: int, where: int, whom: int) -> None:
        self.send(who, "POST", f"{self.project(where)}/transfer", {"user_id": self.person(whom)})

    @rule(who=_who, where=_any, whom=_any, role=_roles)
    def invite(self, who: int, where: int, whom: int, role: str) -> None:
        body = {"email": _one(self.history.people, whom).email, "role": role}
        self.send(who, "POST", f"{self.project(where)}/invitations", body)

    @rule(who=_who, which=_any)
    def revoke_invitation(self, who: int, which: int) -> None:
        path = "/projects/{project_id}/invitations/{id}"
        self.do(self.history.send_to_one_of(who, "DELETE", path, "invitations", which))

    @rule(who=_who, where=_any, password=st.none() | st.just(PASSWORD))
    def add_share_link(self, who: int, where: int, password: str | None) -> None:
        self.send(who, "POST", f"{self.project(where)}/share-links", {"label": "Link", "password": password})

    @rule(who=_who, which=_any)
    def revoke_share_link(self, who: int, which: int) -> None:
        path = "/projects/{project_id}/share-links/{id}"
        self.do(self.history.send_to_one_of(who, "DELETE", path, "share_links", which))

    @rule(who=_who, where=_any, category=_categories, position=st.integers(0, 5))
    def add_status(self, who: int, where: int, category: str, position: int) -> None:
        body = {"key": f"new_{category}", "name": "New", "category": category, "position": position}
        self.send(who, "POST", f"{self.project(where)}/statuses", body)

    @rule(
        who=_who,
        which=_any,
        body=st.fixed_dictionaries(
            {}, optional={"name": _titles, "category": _categories, "position": st.integers(0, 5)}
        ),
    )
    def change_status(self, who: int, which: int, body: dict[str, Any]) -> None:
        path = "/projects/{project_id}/statuses/{id}"
        self.do(self.history.send_to_one_of(who, "PATCH", path, "statuses", which, body))

    @rule(who=_who, which=_any, into=st.none() | _statuses)
    def remove_status(self, who: int, which: int, into: str | None) -> None:
        path = "/projects/{project_id}/statuses/{id}" + ("" if into is None else f"?move_to={into}")
        self.do(self.history.send_to_one_of(who, "DELETE", path, "statuses", which))

    @rule(who=_who, where=_any, name=_titles)
    def add_label(self, who: int, where: int, name: str) -> None:
        self.send(who, "POST", f"{self.project(where)}/labels", {"name": name, "color": "#2f6feb"})

    @rule(who=_who, which=_any, body=st.none() | st.fixed_dictionaries({}, optional={"name": _titles}))
    def change_label(self, who: int, which: int, body: dict[str, Any] | None) -> None:
        method = "DELETE" if body is None else "PATCH"
        path = "/projects/{project_id}/labels/{id}"
        self.do(self.history.send_to_one_of(who, method, path, "labels", which, body))

    @rule(who=_who, where=_any, name=_titles, month=st.integers(1, 12))
    def add_plan(self, who: int, where: int, name: str, month: int) -> None:
        path, day = self.project(where), f"2027-{month:02}-01"
        self.send(who, "POST", f"{path}/milestones", {"name": name, "due_on": day})
        self.send(who, "POST", f"{path}/cycles", {"name": name, "starts_on": day, "ends_on": f"2027-{month:02}-15"})

    @rule(who=_who, which=_any, mark=_marks, remove=st.booleans())
    def use_mark(self, who: int, which: int, mark: tuple[str, str], remove: bool) -> None:
        """On a task of its project, or off all that have it."""
        table, field = mark
        if remove:
            self.do(
                self.history.send_to_one_of(who, "DELETE", f"/projects/{{project_id}}/{table}/{{id}}", table, which)
            )
        else:
            self.do(self.history.mark_a_task(who, table, field, which))

    @rule(who=_who, which=_any)
    def roll_over(self, who: int, which: int) -> None:
        path = "/projects/{project_id}/cycles/{id}/roll-over"
        self.do(self.history.send_to_one_of(who, "POST", path, "cycles", which))

    # People

    @precondition(lambda self: len(self.history.people) < _MOST_PEOPLE)
    @rule()
    def register(self) -> None:
        self.history.join(self.do(self.history.make.user()))

    @rule(who=_who, body=st.fixed_dictionaries({}, optional={"full_name": st.none() | _titles}))
    def change_profile(self, who: int, body: dict[str, Any]) -> None:
        self.send(who, "PATCH", "/users/me", body)

    @rule(who=_who, number=st.integers(0, 3))
    def change_address(self, who: int, number: int) -> None:
        body = {"email": f"new{number}@example.com", "current_password": PASSWORD}
        self.send(who, "PATCH", "/users/me", body)

    @rule(who=_who, which=_any)
    def follow_link(self, who: int, which: int) -> None:
        self.do(self.history.follow_link(who, which))

    @rule(email=_any)
    def ask_for_links(self, email: int) -> None:
        for path in ("/auth/email/resend", "/auth/password/forgot"):
            self.send(0, "POST", path, {"email": _one(self.history.people, email).email})

    @rule(who=_who)
    def change_password(self, who: int) -> None:
        self.send(who, "POST", "/auth/password/change", {"current_password": PASSWORD, "new_password": PASSWORD})

    @rule(
        whom=_any,
        body=st.sampled_from([{"is_active": False}, {"is_active": True}, {"role": "admin"}, {"role": "user"}]),
    )
    def change_account(self, whom: int, body: dict[str, Any]) -> None:
        self.send(0, "PATCH", f"/users/{self.person(whom)}", body)

    @rule(whom=_any, act=st.sampled_from(["sign-out", "delete"]))
    def end_account(self, whom: int, act: str) -> None:
        path = f"/users/{self.person(whom)}"
        self.send(0, "POST", f"{path}/sign-out") if act == "sign-out" else self.send(0, "DELETE", path)

    @rule(who=_who)
    def sign_in(self, who: int) -> None:
        self.do(self.history.sign_in(who))

    @rule(who=_who, everywhere=st.booleans())
    def sign_out(self, who: int, everywhere: bool) -> None:
        self.send(who, "POST", "/auth/logout-all" if everywhere else "/auth/logout")

    @rule(who=_who)
    def add_token(self, who: int) -> None:
        self.send(who, "POST", "/auth/tokens", wanted("tasks:read"))

    @rule(who=_who, which=_any)
    def revoke_token(self, who: int, which: int) -> None:
        self.do(self.history.send_to_one_of(who, "DELETE", "/auth/tokens/{id}", "api_tokens", which))

    # And what happens by itself

    @rule()
    def wait(self) -> None:
        self.do(self.history.wait())
