"""Random histories: everything that writes, in any order, by people who may and who may not.

What is refused, or finds nothing, is a part of a history, too: it must leave the tables and the log as they were.
"""

import asyncio
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.proof.history import any_one, one_of, statuses, titles, who_acts
from tests.proof.steps_of_tasks import TaskSteps
from tests.support.api_tokens import wanted
from tests.support.factory import PASSWORD, Factory

_MOST_PEOPLE, _MOST_PROJECTS = 5, 3
_roles = st.sampled_from(["viewer", "commenter", "editor", "admin", "owner"])
_categories = st.sampled_from(["backlog", "unstarted", "started", "done", "cancelled"])
_marks = st.sampled_from([("labels", "label_ids"), ("milestones", "milestone_id"), ("cycles", "cycle_id")])


class Histories(TaskSteps):
    """And what is done to projects and people."""

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop, make: Factory, tables: Any) -> type["Histories"]:
        """Hypothesis makes one for each history, with no arguments."""
        return type("Histories", (cls,), {"loop": loop, "make": make, "tables": tables, "told": set()})

    # Projects

    @precondition(lambda self: len(self.history.projects) < _MOST_PROJECTS)
    @rule(who=who_acts)
    def add_project(self, who: int) -> None:
        self.do(self.history.add_project(who))

    @rule(
        who=who_acts,
        which=any_one,
        body=st.fixed_dictionaries(
            {}, optional={"name": titles, "archived": st.booleans(), "color": st.none() | st.just("#2f6feb")}
        ),
    )
    def change_project(self, who: int, which: int, body: dict[str, Any]) -> None:
        self.send(who, "PATCH", self.project(which), body)

    @rule(who=who_acts, which=any_one, restore=st.booleans())
    def trash_project(self, who: int, which: int, restore: bool) -> None:
        path = self.project(which)
        self.send(who, "POST", f"{path}/restore") if restore else self.send(who, "DELETE", path)

    @rule(who=who_acts, where=any_one, whom=any_one, role=_roles)
    def add_member(self, who: int, where: int, whom: int, role: str) -> None:
        self.send(who, "POST", f"{self.project(where)}/members", {"user_id": self.person(whom), "role": role})

    @rule(who=who_acts, where=any_one, whom=any_one, role=_roles)
    def change_role(self, who: int, where: int, whom: int, role: str) -> None:
        self.send(who, "PATCH", f"{self.project(where)}/members/{self.person(whom)}", {"role": role})

    @rule(who=who_acts, where=any_one, whom=any_one)
    def remove_member(self, who: int, where: int, whom: int) -> None:
        self.send(who, "DELETE", f"{self.project(where)}/members/{self.person(whom)}")

    @rule(who=who_acts, where=any_one)
    def leave(self, who: int, where: int) -> None:
        self.send(who, "POST", f"{self.project(where)}/leave")

    @rule(who=who_acts, where=any_one, whom=any_one)
    def transfer(self, who: int, where: int, whom: int) -> None:
        self.send(who, "POST", f"{self.project(where)}/transfer", {"user_id": self.person(whom)})

    @rule(who=who_acts, where=any_one, whom=any_one, role=_roles)
    def invite(self, who: int, where: int, whom: int, role: str) -> None:
        body = {"email": one_of(self.history.people, whom).email, "role": role}
        self.send(who, "POST", f"{self.project(where)}/invitations", body)

    @rule(who=who_acts, which=any_one)
    def revoke_invitation(self, who: int, which: int) -> None:
        path = "/projects/{project_id}/invitations/{id}"
        self.do(self.history.send_to_one_of(who, "DELETE", path, "invitations", which))

    @rule(who=who_acts, where=any_one, password=st.none() | st.just(PASSWORD))
    def add_share_link(self, who: int, where: int, password: str | None) -> None:
        self.send(who, "POST", f"{self.project(where)}/share-links", {"label": "Link", "password": password})

    @rule(who=who_acts, which=any_one)
    def revoke_share_link(self, who: int, which: int) -> None:
        path = "/projects/{project_id}/share-links/{id}"
        self.do(self.history.send_to_one_of(who, "DELETE", path, "share_links", which))

    @rule(who=who_acts, where=any_one, category=_categories, position=st.integers(0, 5))
    def add_status(self, who: int, where: int, category: str, position: int) -> None:
        body = {"key": f"new_{category}", "name": "New", "category": category, "position": position}
        self.send(who, "POST", f"{self.project(where)}/statuses", body)

    @rule(
        who=who_acts,
        which=any_one,
        body=st.fixed_dictionaries(
            {}, optional={"name": titles, "category": _categories, "position": st.integers(0, 5)}
        ),
    )
    def change_status(self, who: int, which: int, body: dict[str, Any]) -> None:
        path = "/projects/{project_id}/statuses/{id}"
        self.do(self.history.send_to_one_of(who, "PATCH", path, "statuses", which, body))

    @rule(who=who_acts, which=any_one, into=st.none() | statuses)
    def remove_status(self, who: int, which: int, into: str | None) -> None:
        path = "/projects/{project_id}/statuses/{id}" + ("" if into is None else f"?move_to={into}")
        self.do(self.history.send_to_one_of(who, "DELETE", path, "statuses", which))

    @rule(who=who_acts, where=any_one, name=titles)
    def add_label(self, who: int, where: int, name: str) -> None:
        self.send(who, "POST", f"{self.project(where)}/labels", {"name": name, "color": "#2f6feb"})

    @rule(who=who_acts, which=any_one, body=st.none() | st.fixed_dictionaries({}, optional={"name": titles}))
    def change_label(self, who: int, which: int, body: dict[str, Any] | None) -> None:
        method = "DELETE" if body is None else "PATCH"
        path = "/projects/{project_id}/labels/{id}"
        self.do(self.history.send_to_one_of(who, method, path, "labels", which, body))

    @rule(who=who_acts, where=any_one, name=titles, month=st.integers(1, 12))
    def add_plan(self, who: int, where: int, name: str, month: int) -> None:
        path, day = self.project(where), f"2027-{month:02}-01"
        self.send(who, "POST", f"{path}/milestones", {"name": name, "due_on": day})
        self.send(who, "POST", f"{path}/cycles", {"name": name, "starts_on": day, "ends_on": f"2027-{month:02}-15"})

    @rule(who=who_acts, which=any_one, mark=_marks, remove=st.booleans())
    def use_mark(self, who: int, which: int, mark: tuple[str, str], remove: bool) -> None:
        """On a task of its project, or off all that have it."""
        table, field = mark
        if remove:
            self.do(
                self.history.send_to_one_of(who, "DELETE", f"/projects/{{project_id}}/{table}/{{id}}", table, which)
            )
        else:
            self.do(self.history.mark_a_task(who, table, field, which))

    @rule(who=who_acts, where=any_one, which=any_one, value=st.none() | st.sampled_from([1, 2]))
    def use_field(self, who: int, where: int, which: int, value: int | None) -> None:
        """One is made where it is missing."""
        self.send(who, "POST", f"{self.project(where)}/fields", {"key": "size", "name": "Size", "type": "number"})
        self.send(who, "PATCH", self.task(which), {"fields": {"size": value}})

    @rule(who=who_acts, which=any_one, body=st.none() | st.sampled_from([{"name": "One"}, {"required": True}]))
    def change_field(self, who: int, which: int, body: dict[str, Any] | None) -> None:
        method, path = "DELETE" if body is None else "PATCH", "/projects/{project_id}/fields/{id}"
        self.do(self.history.send_to_one_of(who, method, path, "fields", which, body))

    @rule(who=who_acts, where=any_one, name=titles, shared=st.booleans())
    def save_view(self, who: int, where: int, name: str, shared: bool) -> None:
        body = {"name": name, "filter": "is:open", "project": one_of(self.history.projects, where), "shared": shared}
        self.send(who, "POST", "/views", body)

    @rule(who=who_acts, which=any_one, body=st.none() | st.sampled_from([{"filter": "status:done"}, {"shared": True}]))
    def change_view(self, who: int, which: int, body: dict[str, Any] | None) -> None:
        method = "DELETE" if body is None else "PATCH"
        self.do(self.history.send_to_one_of(who, method, "/views/{id}", "views", which, body))

    @rule(who=who_acts, which=any_one)
    def roll_over(self, who: int, which: int) -> None:
        path = "/projects/{project_id}/cycles/{id}/roll-over"
        self.do(self.history.send_to_one_of(who, "POST", path, "cycles", which))

    # People

    @precondition(lambda self: len(self.history.people) < _MOST_PEOPLE)
    @rule()
    def register(self) -> None:
        self.history.join(self.do(self.history.make.user()))

    @rule(who=who_acts, body=st.fixed_dictionaries({}, optional={"full_name": st.none() | titles}))
    def change_profile(self, who: int, body: dict[str, Any]) -> None:
        self.send(who, "PATCH", "/users/me", body)

    @rule(who=who_acts, number=st.integers(0, 3))
    def change_address(self, who: int, number: int) -> None:
        body = {"email": f"new{number}@example.com", "current_password": PASSWORD}
        self.send(who, "PATCH", "/users/me", body)

    @rule(who=who_acts, which=any_one)
    def follow_link(self, who: int, which: int) -> None:
        self.do(self.history.follow_link(who, which))

    @rule(email=any_one)
    def ask_for_links(self, email: int) -> None:
        for path in ("/auth/email/resend", "/auth/password/forgot"):
            self.send(0, "POST", path, {"email": one_of(self.history.people, email).email})

    @rule(who=who_acts)
    def change_password(self, who: int) -> None:
        self.send(who, "POST", "/auth/password/change", {"current_password": PASSWORD, "new_password": PASSWORD})

    @rule(
        whom=any_one,
        body=st.sampled_from([{"is_active": False}, {"is_active": True}, {"role": "admin"}, {"role": "user"}]),
    )
    def change_account(self, whom: int, body: dict[str, Any]) -> None:
        self.send(0, "PATCH", f"/users/{self.person(whom)}", body)

    @rule(whom=any_one, act=st.sampled_from(["sign-out", "delete"]))
    def end_account(self, whom: int, act: str) -> None:
        path = f"/users/{self.person(whom)}"
        self.send(0, "POST", f"{path}/sign-out") if act == "sign-out" else self.send(0, "DELETE", path)

    @rule(who=who_acts)
    def sign_in(self, who: int) -> None:
        self.do(self.history.sign_in(who))

    @rule(who=who_acts, everywhere=st.booleans())
    def sign_out(self, who: int, everywhere: bool) -> None:
        self.send(who, "POST", "/auth/logout-all" if everywhere else "/auth/logout")

    @rule(who=who_acts)
    def add_token(self, who: int) -> None:
        self.send(who, "POST", "/auth/tokens", wanted("tasks:read"))

    @rule(who=who_acts, which=any_one)
    def revoke_token(self, who: int, which: int) -> None:
        self.do(self.history.send_to_one_of(who, "DELETE", "/auth/tokens/{id}", "api_tokens", which))

    @rule(who=who_acts, where=any_one, kind=st.sampled_from(["todo", "event"]))
    def add_feed(self, who: int, where: int, kind: str) -> None:
        self.send(who, "POST", "/users/me/feeds", {"kind": kind, "project": one_of(self.history.projects, where)})

    @rule(who=who_acts, which=any_one)
    def delete_feed(self, who: int, which: int) -> None:
        self.do(self.history.send_to_one_of(who, "DELETE", "/users/me/feeds/{id}", "feeds", which))

    # And what happens by itself

    @rule()
    def wait(self) -> None:
        self.do(self.history.wait())
