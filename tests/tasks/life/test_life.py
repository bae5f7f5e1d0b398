"""The life of tasks, in any order: made, moved, closed, reopened, thrown away, brought back, one by one and in batches.

A model foretells the status of every answer, and what holds at each moment is read from the tables and the log.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Coroutine
from copy import deepcopy
from typing import Any, TypeVar

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from taskapi.core.clock import utc_now
from taskapi.core.ids import new_id
from tests.proof.tables import TOLD, differences
from tests.support.change_log import Fold
from tests.support.custom_fields import add
from tests.support.factory import Factory
from tests.support.marks import label
from tests.support.whole_tasks import require_whole
from tests.tasks.life.model import Item, Known, Model, Operation

_T = TypeVar("_T")
_API = "/api/v1"
_PROJECTS = ("WEB", "APP")
# The same in every run of the suite; LIVES=200 draws that many new ones.
_LIVES = settings(
    max_examples=int(os.environ.get("LIVES", "12")),
    stateful_step_count=40,
    derandomize="LIVES" not in os.environ,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
# Most often one of the first, so that several things happen to the same.
_which = st.integers(0, 3) | st.integers(0, 9)
_statuses = st.sampled_from(["backlog", "todo", "in_progress", "done", "cancelled"])
_projects = st.sampled_from(_PROJECTS)
_parents = st.none() | _which
# `task`, `parent_id` and the like are drawn as numbers, and become ids of those that there are by then.
_makes: st.SearchStrategy[Operation] = st.fixed_dictionaries(
    {"op": st.just("create"), "project": _projects}, optional={"status": _statuses, "parent_id": _parents}
)
_changes: st.SearchStrategy[Operation] = st.fixed_dictionaries(
    {"op": st.just("update"), "task": _which}, optional={"status": _statuses, "parent_id": _parents}
)
_moves: st.SearchStrategy[Operation] = st.fixed_dictionaries(
    {"op": st.just("move"), "task": _which, "project": _projects}, optional={"status": _statuses, "after": _which}
)
_acts: st.SearchStrategy[Operation] = st.fixed_dictionaries(
    {"op": st.sampled_from(["complete", "reopen"]), "task": _which}
)
_deletes: st.SearchStrategy[Operation] = st.fixed_dictionaries(
    {"op": st.just("delete"), "task": _which, "permanent": st.sampled_from([False, False, True])}
)
_restores: st.SearchStrategy[Operation] = st.fixed_dictionaries({"op": st.just("restore"), "task": _which})
_operations = _makes | _changes | _moves | _acts | _deletes | _restores
_NAMES = {"task", "after", "parent_id"}


class Lives(RuleBasedStateMachine):
    """Drawn in a thread of its own; the steps happen in the tests' event loop."""

    loop: asyncio.AbstractEventLoop
    client: httpx.AsyncClient
    tables: Any
    marks: dict[str, dict[str, Any]]
    """Of each project, what a task of it can be marked with."""
    answers: Counter[tuple[str, int]]

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()

    def do(self, step: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(step, self.loop).result(60)

    def send(self, expected: int, method: str, path: str, body: Any = None) -> Any:
        """The body of the answer."""
        given = {} if body is None else {"json": body}
        answer = self.do(self.client.request(method, f"{_API}{path}", **given))
        assert answer.status_code == expected, answer.text
        self.answers[f"{method} {path.rpartition('/')[2] if method == 'POST' else ''}", answer.status_code] += 1
        return answer.json() if answer.content else None

    @initialize()
    def begin(self) -> None:
        """With a subtask in each project, one of them in the trash: what goes along with whom is soon tried."""
        self.do(self.tables.execute("SAVEPOINT life"))
        for project in _PROJECTS:
            self._perform({"op": "create", "project": project})
            self._perform({"op": "create", "project": project, "parent_id": len(self.model.tasks) - 1})
        self._perform({"op": "delete", "task": len(self.model.tasks) - 1, "permanent": False})

    def teardown(self) -> None:
        try:
            self.what_the_service_counts_is_so()
            self._every_number_up_to_the_counter_was_given_once()
            self.do(require_whole(self.tables))
            assert self.do(differences(Fold(), self.tables, utc_now(), TOLD)) == []
        finally:
            self.do(self.tables.execute("ROLLBACK TO SAVEPOINT life; RELEASE SAVEPOINT life"))

    def known(self, which: int) -> str:
        return list(self.model.tasks)[which % len(self.model.tasks)]

    @property
    def trashed(self) -> list[str]:
        return [key for key, task in self.model.tasks.items() if task.trashed is not None and task.project is not None]

    def named(self, drawn: Operation) -> Operation:
        """A new task has an id of ours, so that what follows in the same batch is foretold, too."""
        ids = {name: self.known(value) for name, value in drawn.items() if name in _NAMES and value is not None}
        if drawn["op"] == "restore" and (trashed := self.trashed):
            ids["task"] = trashed[drawn["task"] % len(trashed)]
        return {**drawn, **ids, **({"title": "Task", "id": str(new_id())} if drawn["op"] == "create" else {})}

    @rule(drawn=st.lists(_operations, min_size=1, max_size=4))
    def perform_in_turn(self, drawn: list[Operation]) -> None:
        for operation in drawn:
            self._perform(operation)

    def _perform(self, drawn: Operation) -> None:
        """As a request of its own."""
        operation = self.named(drawn)
        expected = self.model.status_of(operation)
        body = {name: value for name, value in operation.items() if name not in {"op", "task", "permanent"}}
        task = f"/tasks/{operation.get('task')}"
        match operation["op"]:
            case "create":
                self.send(expected, "POST", f"/projects/{body.pop('project')}/tasks", body)
            case "update":
                self.send(expected, "PATCH", task, body)
            case "delete":
                self.send(expected, "DELETE", f"{task}{'?permanent=true' if operation['permanent'] else ''}")
            case op:
                self.send(expected, "POST", f"{task}/{op}", body)

    @rule(drawn=st.lists(_operations, min_size=1, max_size=6), atomic=st.booleans())
    def perform_together(self, drawn: list[Operation], atomic: bool) -> None:
        operations, foretold = [self.named(operation) for operation in drawn], deepcopy(self.model)
        expected = [foretold.status_of(operation) for operation in operations]
        failed = next((index for index, status in enumerate(expected) if status >= 400), None)
        body = {"atomic": atomic, "operations": operations}
        if atomic and failed is not None:
            assert self.send(expected[failed], "POST", "/tasks/batch", body)["index"] == failed
            return
        results = self.send(200, "POST", "/tasks/batch", body)["results"]
        assert [result["status"] for result in results] == expected
        self.model = foretold

    @rule(drawn=st.lists(_which, min_size=1, max_size=4), status=_statuses)
    def change_many(self, drawn: list[int], status: str) -> None:
        ids = list(dict.fromkeys(self.known(which) for which in drawn))
        body = {"ids": ids, "patch": {"status": status}}
        if all(self.model.tasks[task_id].is_living for task_id in ids):
            self._changed(self.send(200, "POST", "/tasks/bulk", body), ids, status)
        else:
            self.send(404, "POST", "/tasks/bulk", body)

    @rule(drawn=st.lists(_which, min_size=1, max_size=4), status=_statuses)
    def change_many_and_undo_it(self, drawn: list[int], status: str) -> None:
        """What happened in one step is taken back in one, and everything is where it was."""
        ids = [task_id for task_id in dict.fromkeys(map(self.known, drawn)) if self.model.tasks[task_id].is_living]
        differ = [task_id for task_id in ids if self.model.tasks[task_id].status != status]
        if differ:
            self.send(200, "POST", "/tasks/bulk", {"ids": ids, "patch": {"status": status}})
            batch = self.do(self.tables.fetchval("SELECT batch_id FROM events ORDER BY seq DESC LIMIT 1"))
            undone = self.send(200, "POST", f"/changes/batches/{batch}/revert")
            assert {item["subject_id"] for item in undone["items"]} == set(differ)

    @rule(project=_projects, before=_statuses, status=_statuses)
    def change_all_of_a_status(self, project: str, before: str, status: str) -> None:
        """What the filter shows, and nothing else."""
        shown = {"project": project, "status": before}
        ids = [key for key, task in self.model.tasks.items() if task.is_living and shown.items() <= vars(task).items()]
        body = {"filter": f"project:{project} status:{before}", "patch": {"status": status}}
        self._changed(self.send(200, "POST", "/tasks/bulk", body), ids, status)

    def _changed(self, answer: Any, ids: list[str], status: str) -> None:
        differ = [task_id for task_id in ids if self.model.tasks[task_id].status != status]
        assert answer == {"matched": len(ids), "changed": len(differ), "task_ids": sorted(differ)}
        for task_id in ids:
            self.model.tasks[task_id].status = status

    @rule(which=_which, name=st.sampled_from(["label_ids", "assignee_ids", "fields"]), takes_off=st.booleans())
    def mark(self, which: int, name: str, takes_off: bool) -> None:
        task_id = self.known(which)
        task = self.model.tasks[task_id]
        marks = self.marks[task.project or _PROJECTS[0]][name]
        nothing = dict.fromkeys(marks) if isinstance(marks, dict) else []
        body = {name: nothing if takes_off else marks}
        self.send(200 if task.is_living else 404, "PATCH", f"/tasks/{task_id}", body)

    @rule(which=_which, other=_which, type_=st.sampled_from(["blocks", "blocks", "relates_to"]))
    def link(self, which: int, other: int, type_: str) -> None:
        source, target = self.known(which), self.known(other)
        expected = self.model.link(type_, source, target)
        self.send(expected, "POST", f"/tasks/{source}/links", {"type": type_, "task_id": target})

    @rule(which=_which, deletes=st.booleans())
    def talk(self, which: int, deletes: bool) -> None:
        task_id = self.known(which)
        task = self.model.tasks[task_id]
        path = f"/tasks/{task_id}/comments"
        if deletes and task.comments:
            self.send(204 if task.is_living else 404, "DELETE", f"{path}/{task.comments[-1]}")
            task.comments = task.comments[:-1] if task.is_living else task.comments
        elif task.is_living:
            task.comments.append(self.send(201, "POST", path, {"body": "Hello"})["id"])
        else:
            self.send(404, "POST", path, {"body": "Hello"})

    @rule(which=_which, at=st.none() | st.integers(0, 3), drawn=st.lists(st.booleans(), min_size=1, max_size=3))
    def add_items(self, which: int, at: int | None, drawn: list[bool]) -> None:
        task_id = self.known(which)
        task = self.model.tasks[task_id]
        for done in drawn:
            body = {"text": "Item", "done": done, "position": at}
            made = self.send(201 if task.is_living else 404, "POST", f"/tasks/{task_id}/checklist", body)
            if task.is_living:
                task.items.insert(len(task.items) if at is None else at, Item(made["id"], done))

    @rule(which=_which, item=st.integers(0, 3), act=st.sampled_from(["tick", "raise", "delete", "convert", "convert"]))
    def use_item(self, which: int, item: int, act: str) -> None:
        """Of the tasks that have some."""
        listed = [key for key, task in self.model.tasks.items() if task.items and task.project is not None]
        if not listed:
            return
        task_id = listed[which % len(listed)]
        task = self.model.tasks[task_id]
        used = task.items[item % len(task.items)]
        path = f"/tasks/{task_id}/checklist/{used.id}"
        if not task.is_living:
            self.send(404, "DELETE", path)
            return
        match act:
            case "tick":
                self.send(200, "PATCH", path, {"done": not used.done})
                used.done = not used.done
            case "raise":
                self.send(200, "PATCH", path, {"position": 0})
                task.items = [used, *(other for other in task.items if other is not used)]
            case "delete":
                self.send(204, "DELETE", path)
                task.items.remove(used)
            case _:
                self._convert(task_id, task, used)

    def _convert(self, task_id: str, task: Known, item: Item) -> None:
        expected = self.model.below(task_id, task.project or "")
        made = self.send(expected, "POST", f"/tasks/{task_id}/checklist/{item.id}/convert")
        if expected == 201:
            task.items.remove(item)
            self.model.tasks[made["id"]] = Known(task.project, "done" if item.done else "todo", task_id)

    @rule(which=_which, act=st.sampled_from(["log", "start", "start", "stop"]))
    def work(self, which: int, act: str) -> None:
        task_id = self.known(which)
        task, running = self.model.tasks[task_id], self.model.timer
        path = f"/tasks/{task_id}"
        match act:
            case "log":
                body = {"started_at": "2026-11-20T09:00:00Z", "seconds": 60}
                self.send(201 if task.is_living else 404, "POST", f"{path}/time-entries", body)
                task.entries += task.is_living
            case "start":
                expected = 404 if not task.is_living else 201 if running is None else 409
                self.send(expected, "POST", f"{path}/timer/start")
                self.model.timer = task_id if expected == 201 else running
            case _:
                expected = 404 if not task.is_living else 200 if running == task_id else 409
                self.send(expected, "POST", f"{path}/timer/stop")
                if expected == 200:
                    self.model.timer = None
                    task.entries += 1

    @rule()
    def what_the_service_counts_is_so(self) -> None:
        """Of subtasks, checklists, comments and time; the sum of seconds alone is read from the table."""
        rows = self.do(
            self.tables.fetch(
                "SELECT task_id, count(*) AS entries, sum(floor(extract(epoch FROM ended_at - started_at))) AS seconds"
                " FROM time_entries WHERE ended_at IS NOT NULL GROUP BY task_id"
            )
        )
        worked = {str(row["task_id"]): (row["entries"], int(row["seconds"])) for row in rows}
        shown = self.send(200, "GET", "/tasks?limit=200&expand=progress,checklist,comments_count,time")["items"]
        living = {key: task for key, task in self.model.tasks.items() if task.is_living}
        assert {task["id"] for task in shown} == set(living)
        for found in shown:
            task_id, task = found["id"], living[found["id"]]
            entries, seconds = worked.get(task_id, (0, 0))
            assert entries == task.entries
            assert found["progress"] == self.model.progress(task_id)
            assert found["checklist"] == {"total": len(task.items), "done": sum(item.done for item in task.items)}
            assert found["comments_count"] == len(task.comments)
            assert found["time"] == {"seconds": seconds, "running": self.model.timer == task_id}

    @invariant()
    def the_tables_hold_what_was_foretold(self) -> None:
        rows = self.do(
            self.tables.fetch(
                "SELECT tasks.id, projects.key, status, tasks.parent_id, tasks.deleted_at IS NOT NULL AS trashed"
                " FROM tasks JOIN projects ON projects.id = project_id"
            )
        )
        held = {
            str(row["id"]): (row["key"], row["status"], row["parent_id"] and str(row["parent_id"]), row["trashed"])
            for row in rows
        }
        assert held == {
            task_id: (task.project, task.status, task.parent, not task.is_living)
            for task_id, task in self.model.tasks.items()
            if task.project is not None
        }

    def _every_number_up_to_the_counter_was_given_once(self) -> None:
        """As the log tells it: to whoever was made in the project, or came into it."""
        given = self.do(
            self.tables.fetch(
                "SELECT project_id, split_part(changes->'key'->>1, '-', 2)::integer AS number FROM events"
                " WHERE subject_type = 'task' AND changes->'key'->>1 IS NOT NULL ORDER BY 1, 2"
            )
        )
        counters = self.do(
            self.tables.fetch(
                "SELECT project_id, number FROM project_counters, generate_series(1, last_number) AS number"
                " ORDER BY 1, 2"
            )
        )
        assert [tuple(row) for row in given] == [tuple(row) for row in counters]


@pytest.mark.slow
async def test_whatever_happens_to_tasks_they_stay_whole(make: Factory, tables: Any) -> None:
    owner = await make.user()
    for project in _PROJECTS:
        await make.project(owner, project)
    async with make.client(owner) as client:
        marks = {}
        for project in _PROJECTS:
            path = f"{_API}/projects/{project}"
            await add(client, "size", "number", f"{path}/fields")
            people, bug = [str(owner.id)], await label(client, "bug", path)
            marks[project] = {"label_ids": [bug], "assignee_ids": people, "fields": {"size": 3}}
        answers = Counter[tuple[str, int]]()
        running = {"loop": asyncio.get_running_loop(), "client": client, "tables": tables, "answers": answers}
        lives = type("Lives", (Lives,), {**running, "marks": marks})
        await asyncio.to_thread(run_state_machine_as_test, lives, settings=_LIVES)
    statuses = Counter[int]()
    for (_, status), count in answers.items():
        statuses[status] += count
    assert min(statuses[status] for status in (200, 201, 204, 404, 409, 422)) > 0, (
        "where nothing happens, nothing is proven"
    )
