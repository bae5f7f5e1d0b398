"""Random histories: what is done to tasks, and to what hangs on them."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.proof.history import Steps, any_one, one_of, statuses, titles, who_acts

_patches = st.sampled_from(
    [{"status": "done"}, {"status": "todo", "estimate": 1}, {"priority": "high"}, {"title": "One"}, {"due_on": None}]
)


class TaskSteps(Steps):
    """By people who may and who may not."""

    @rule(who=who_acts, where=any_one, parent=st.none() | any_one, assignees=st.lists(any_one, max_size=2))
    def add_task(self, who: int, where: int, parent: int | None, assignees: list[int]) -> None:
        body: dict[str, Any] = {"title": "Task", "assignee_ids": [self.person(one) for one in assignees]}
        if parent is not None:
            body["parent_id"] = one_of(self.history.tasks, parent)
        self.send(who, "POST", f"{self.project(where)}/tasks", body, keep=self.history.tasks)

    @rule(
        who=who_acts,
        which=any_one,
        body=st.fixed_dictionaries(
            {},
            optional={
                "title": titles,
                "description": st.none() | titles,
                "status": statuses,
                "priority": st.sampled_from(["none", "high"]),
                "due_on": st.none() | st.just("2026-01-01"),
                "due_at": st.none() | st.just("2026-01-01T12:00:00Z"),
                "estimate": st.none() | st.sampled_from([0.5, 2]),
            },
        ),
    )
    def change_task(self, who: int, which: int, body: dict[str, Any]) -> None:
        self.send(who, "PATCH", self.task(which), body)

    @rule(who=who_acts, which=any_one, parent=st.none() | any_one, assignee=any_one)
    def hang_task(self, who: int, which: int, parent: int | None, assignee: int) -> None:
        above = None if parent is None else one_of(self.history.tasks, parent)
        self.send(who, "PATCH", self.task(which), {"parent_id": above, "assignee_ids": [self.person(assignee)]})

    @rule(who=who_acts, which=any_one, act=st.sampled_from(["complete", "reopen", "restore"]))
    def act_on_task(self, who: int, which: int, act: str) -> None:
        self.send(who, "POST", f"{self.task(which)}/{act}")

    @rule(
        who=who_acts, which=any_one, status=st.none() | statuses, project=st.none() | any_one, after=st.none() | any_one
    )
    def move_task(self, who: int, which: int, status: str | None, project: int | None, after: int | None) -> None:
        body: dict[str, Any] = {} if status is None else {"status": status}
        body |= {} if project is None else {"project": one_of(self.history.projects, project)}
        body |= {} if after is None else {"after": one_of(self.history.tasks, after)}
        self.send(who, "POST", f"{self.task(which)}/move", body)

    @rule(who=who_acts, which=any_one, permanent=st.booleans())
    def delete_task(self, who: int, which: int, permanent: bool) -> None:
        self.send(who, "DELETE", f"{self.task(which)}{'?permanent=true' if permanent else ''}")

    @rule(
        who=who_acts,
        which=any_one,
        other=any_one,
        type=st.sampled_from(["blocks", "blocks", "relates_to", "duplicates"]),
    )
    def link_tasks(self, who: int, which: int, other: int, type: str) -> None:  # noqa: A002 - as the body calls it
        body = {"type": type, "task_id": one_of(self.history.tasks, other)}
        self.send(who, "POST", f"{self.task(which)}/links", body)

    @rule(who=who_acts, which=any_one, other=any_one)
    def merge_tasks(self, who: int, which: int, other: int) -> None:
        self.send(who, "POST", f"{self.task(which)}/merge", {"into": one_of(self.history.tasks, other)})

    @rule(who=who_acts, which=any_one, end=st.sampled_from(["source_id", "target_id"]))
    def unlink_tasks(self, who: int, which: int, end: str) -> None:
        path = f"/tasks/{{{end}}}/links/{{id}}"
        self.do(self.history.send_to_one_of(who, "DELETE", path, "task_links", which))

    @rule(who=who_acts, which=any_one, text=titles, position=st.none() | st.integers(0, 3))
    def add_item(self, who: int, which: int, text: str, position: int | None) -> None:
        body = {"text": text, "position": position}
        self.send(who, "POST", f"{self.task(which)}/checklist", body)

    @rule(who=who_acts, which=any_one, done=st.booleans(), position=st.integers(0, 3))
    def change_item(self, who: int, which: int, done: bool, position: int) -> None:
        path, body = "/tasks/{task_id}/checklist/{id}", {"done": done, "position": position}
        self.do(self.history.send_to_one_of(who, "PATCH", path, "checklist_items", which, body))

    @rule(who=who_acts, which=any_one, convert=st.booleans())
    def end_item(self, who: int, which: int, convert: bool) -> None:
        path, method = "/tasks/{task_id}/checklist/{id}", "POST" if convert else "DELETE"
        path = f"{path}/convert" if convert else path
        self.do(self.history.send_to_one_of(who, method, path, "checklist_items", which))

    @rule(who=who_acts, which=any_one, project=st.none() | any_one)
    def copy_task(self, who: int, which: int, project: int | None) -> None:
        body = {} if project is None else {"project": one_of(self.history.projects, project)}
        self.send(who, "POST", f"{self.task(which)}/duplicate", body, keep=self.history.tasks)

    @rule(who=who_acts, which=any_one, whom=any_one)
    def comment(self, who: int, which: int, whom: int) -> None:
        body = {"body": f"Hello @{one_of(self.history.people, whom).username}"}
        self.send(who, "POST", f"{self.task(which)}/comments", body)

    @rule(who=who_acts, which=any_one, body=st.none() | st.fixed_dictionaries({"body": titles}))
    def change_comment(self, who: int, which: int, body: dict[str, Any] | None) -> None:
        method, path = "DELETE" if body is None else "PATCH", "/tasks/{task_id}/comments/{id}"
        self.do(self.history.send_to_one_of(who, method, path, "comments", which, body))

    @rule(who=who_acts, which=any_one, method=st.sampled_from(["PUT", "PUT", "DELETE"]))
    def react(self, who: int, which: int, method: str) -> None:
        path = "/tasks/{task_id}/comments/{id}/reactions/%F0%9F%91%8D"
        self.do(self.history.send_to_one_of(who, method, path, "comments", which))

    @rule(who=who_acts, which=any_one, seconds=st.sampled_from([0, 60]))
    def add_time(self, who: int, which: int, seconds: int) -> None:
        body = {"started_at": "2026-11-20T09:00:00Z", "seconds": seconds}
        self.send(who, "POST", f"{self.task(which)}/time-entries", body)

    @rule(
        who=who_acts,
        which=any_one,
        body=st.none() | st.sampled_from([{"seconds": 90}, {"note": "What"}, {"note": None}]),
    )
    def change_time(self, who: int, which: int, body: dict[str, Any] | None) -> None:
        method, path = "DELETE" if body is None else "PATCH", "/tasks/{task_id}/time-entries/{id}"
        self.do(self.history.send_to_one_of(who, method, path, "time_entries", which, body))

    @rule(who=who_acts, which=any_one, act=st.sampled_from(["start", "start", "stop"]))
    def use_timer(self, who: int, which: int, act: str) -> None:
        self.send(who, "POST", f"{self.task(which)}/timer/{act}")

    @rule(who=who_acts, which=any_one, remove=st.booleans())
    def remind(self, who: int, which: int, remove: bool) -> None:
        if remove:
            path = "/tasks/{task_id}/reminders/{id}"
            self.do(self.history.send_to_one_of(who, "DELETE", path, "reminders", which))
        else:
            self.send(who, "POST", f"{self.task(which)}/reminders", {"minutes_before": 30})

    @rule(who=who_acts, which=any_one, mode=st.none() | st.sampled_from(["schedule", "completion"]))
    def recur(self, who: int, which: int, mode: str | None) -> None:
        """Once it has a day that it is due on; what is completed then comes again."""
        if mode is None:
            self.send(who, "DELETE", f"{self.task(which)}/recurrence")
        else:
            self.send(who, "PATCH", self.task(which), {"due_on": "2026-01-01"})
            self.send(who, "PUT", f"{self.task(which)}/recurrence", {"rule": "FREQ=DAILY", "mode": mode})
            self.send(who, "POST", f"{self.task(which)}/complete")

    @rule(who=who_acts, which=st.lists(any_one, min_size=1, max_size=3), patch=_patches)
    def change_many(self, who: int, which: list[int], patch: dict[str, Any]) -> None:
        ids = list(dict.fromkeys(one_of(self.history.tasks, one) for one in which))
        self.send(who, "POST", "/tasks/bulk", {"ids": ids, "patch": patch})

    @rule(who=who_acts, filter_=st.sampled_from(["is:open", "status:done"]), patch=_patches)
    def change_what_is_found(self, who: int, filter_: str, patch: dict[str, Any]) -> None:
        self.send(who, "POST", "/tasks/bulk", {"filter": filter_, "patch": patch})

    @rule(
        who=who_acts,
        which=any_one,
        where=any_one,
        atomic=st.booleans(),
        last=st.sampled_from(["delete", "complete", "restore"]),
    )
    def do_several(self, who: int, which: int, where: int, atomic: bool, last: str) -> None:
        """In one batch: the later refer to what the first one makes."""
        task, project = one_of(self.history.tasks, which), one_of(self.history.projects, where)
        operations: list[dict[str, Any]] = [
            {"op": "create", "project": project, "title": "Task"},
            {"op": "move", "task": task, "project": project},
            {"op": "update", "task": task, "parent_id": "$0.id", "estimate": 3},
            {"op": last, "task": task},
        ]
        self.send(who, "POST", "/tasks/batch", {"atomic": atomic, "operations": operations})

    @rule(who=who_acts, which=any_one, method=st.sampled_from(["PUT", "PUT", "DELETE"]))
    def watch(self, who: int, which: int, method: str) -> None:
        self.send(who, method, f"{self.task(which)}/watch")
