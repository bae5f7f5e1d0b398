"""The life of tasks, in any order: made, moved, closed, reopened, thrown away, brought back, one by one and in batches.

A model foretells the status of every answer, and what holds at each moment is read from the tables and the log.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Coroutine
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.support.beside_tasks import require_true
from tests.support.factory import Factory

_T = TypeVar("_T")
_API = "/api/v1"
_PROJECTS = ("WEB", "APP")
_CLOSED = {"done", "cancelled"}
# The same in every run of the suite; LIVES=200 draws that many new ones.
_LIVES = settings(
    max_examples=int(os.environ.get("LIVES", "8")),
    stateful_step_count=25,
    derandomize="LIVES" not in os.environ,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
_which = st.integers(0, 9)
_statuses = st.sampled_from(["backlog", "todo", "in_progress", "done", "cancelled"])
_projects = st.sampled_from(_PROJECTS)
Operation = dict[str, Any]
# `task`, `parent` and the like are drawn as numbers, and become ids of those that there are by then.
_operations: st.SearchStrategy[Operation] = st.one_of(
    st.fixed_dictionaries({"op": st.just("create"), "project": _projects}, optional={"status": _statuses}),
    st.fixed_dictionaries({"op": st.just("update"), "task": _which}, optional={"status": _statuses}),
    st.fixed_dictionaries(
        {"op": st.just("move"), "task": _which}, optional={"status": _statuses, "project": _projects, "after": _which}
    ),
    st.fixed_dictionaries({"op": st.sampled_from(["complete", "reopen", "restore"]), "task": _which}),
    st.fixed_dictionaries({"op": st.just("delete"), "task": _which, "permanent": st.booleans()}),
)


@dataclass
class Known:
    """What a task should be like by now; one that is gone for good is in no project."""

    project: str | None
    status: str = "todo"
    is_trashed: bool = False

    @property
    def is_living(self) -> bool:
        return self.project is not None and not self.is_trashed


@dataclass
class Model:
    tasks: dict[str, Known] = field(default_factory=dict)

    def status_of(self, operation: Operation) -> int:
        """What the answer should be; what follows from it is so from now on."""
        op = operation["op"]
        if op == "create":
            return 201
        task = self.tasks[operation["task"]]
        if op == "restore" or (op == "delete" and operation["permanent"]):
            found = task.project is not None
        else:
            found = task.is_living
        if not found:
            return 404
        return getattr(self, f"_{op}")(task, operation)  # type: ignore[no-any-return]

    def _update(self, task: Known, operation: Operation) -> int:
        task.status = operation.get("status", task.status)
        return 200

    def _move(self, task: Known, operation: Operation) -> int:
        project = operation.get("project", task.project)
        if "after" in operation:
            other = self.tasks[operation["after"]]
            if other is task or not other.is_living or other.project != project:
                return 422
        task.project = project
        return self._update(task, operation)

    def _complete(self, task: Known, _: Operation) -> int:
        task.status = "done"
        return 200

    def _reopen(self, task: Known, _: Operation) -> int:
        task.status = "todo" if task.status in _CLOSED else task.status
        return 200

    def _delete(self, task: Known, operation: Operation) -> int:
        if operation["permanent"]:
            task.project = None
        else:
            task.is_trashed = True
        return 204

    def _restore(self, task: Known, _: Operation) -> int:
        if not task.is_trashed:
            return 409
        task.is_trashed = False
        return 200


class Lives(RuleBasedStateMachine):
    """Drawn in a thread of its own; the steps happen in the tests' event loop."""

    loop: asyncio.AbstractEventLoop
    client: httpx.AsyncClient
    tables: Any
    answers: Counter[int]

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()

    def do(self, step: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(step, self.loop).result(60)

    def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        given = {} if body is None else {"json": body}
        answer = self.do(self.client.request(method, f"{_API}{path}", **given))
        self.answers[answer.status_code] += 1
        return answer

    @initialize()
    def begin(self) -> None:
        self.do(self.tables.execute("SAVEPOINT life"))
        for project in _PROJECTS * 2:
            self.perform({"op": "create", "project": project})

    def teardown(self) -> None:
        self.do(self.tables.execute("ROLLBACK TO SAVEPOINT life; RELEASE SAVEPOINT life"))

    def named(self, drawn: Operation) -> Operation:
        ids = list(self.model.tasks)
        return {
            name: ids[value % len(ids)] if name in {"task", "after"} else value for name, value in drawn.items()
        } | ({"title": "Task"} if drawn["op"] == "create" else {})

    def learn(self, made: dict[str, Any]) -> None:
        self.model.tasks[made["id"]] = Known(made["key"].partition("-")[0], made["status"])

    @rule(drawn=_operations)
    def perform(self, drawn: Operation) -> None:
        """As a request of its own."""
        operation = self.named(drawn)
        expected = self.model.status_of(operation)
        body = {name: value for name, value in operation.items() if name not in {"op", "task", "permanent"}}
        match operation["op"]:
            case "create":
                answer = self.send("POST", f"/projects/{body.pop('project')}/tasks", body)
                self.learn(answer.json())
            case "update":
                answer = self.send("PATCH", f"/tasks/{operation['task']}", body)
            case "delete":
                permanent = "?permanent=true" if operation["permanent"] else ""
                answer = self.send("DELETE", f"/tasks/{operation['task']}{permanent}")
            case op:
                answer = self.send("POST", f"/tasks/{operation['task']}/{op}", body)
        assert answer.status_code == expected, answer.text

    @rule(drawn=st.lists(_operations, min_size=1, max_size=6), atomic=st.booleans())
    def perform_together(self, drawn: list[Operation], atomic: bool) -> None:
        operations, foretold = [self.named(operation) for operation in drawn], deepcopy(self.model)
        expected = [foretold.status_of(operation) for operation in operations]
        answer = self.send("POST", "/tasks/batch", {"atomic": atomic, "operations": operations})
        failed = next((index for index, status in enumerate(expected) if status >= 400), None)
        if atomic and failed is not None:
            assert (answer.status_code, answer.json()["index"]) == (expected[failed], failed), answer.text
            return
        results = answer.json()["results"]
        assert [result["status"] for result in results] == expected
        self.model = foretold
        for operation, result in zip(operations, results, strict=True):
            if operation["op"] == "create":
                self.learn(result["body"])

    @rule(drawn=st.lists(_which, min_size=1, max_size=4), status=_statuses)
    def change_many(self, drawn: list[int], status: str) -> None:
        ids = list(dict.fromkeys(list(self.model.tasks)[which % len(self.model.tasks)] for which in drawn))
        answer = self.send("POST", "/tasks/bulk", {"ids": ids, "patch": {"status": status}})
        if all(self.model.tasks[task_id].is_living for task_id in ids):
            differ = [task_id for task_id in ids if self.model.tasks[task_id].status != status]
            assert answer.json() == {"matched": len(ids), "changed": len(differ), "task_ids": sorted(differ)}
            for task_id in ids:
                self.model.tasks[task_id].status = status
        else:
            assert answer.status_code == 404

    @invariant()
    def the_tables_hold_what_was_foretold(self) -> None:
        rows = self.do(
            self.tables.fetch(
                "SELECT tasks.id, projects.key, status, tasks.deleted_at IS NOT NULL AS trashed"
                " FROM tasks JOIN projects ON projects.id = project_id"
            )
        )
        held = {str(row["id"]): Known(row["key"], row["status"], row["trashed"]) for row in rows}
        assert held == {task_id: known for task_id, known in self.model.tasks.items() if known.project is not None}

    @invariant()
    def a_task_is_completed_exactly_while_its_status_is_closed(self) -> None:
        wrong = self.do(
            self.tables.fetch(
                "SELECT tasks.id FROM tasks JOIN statuses ON statuses.project_id = tasks.project_id AND key = status"
                " WHERE (completed_at IS NOT NULL) <> (category IN ('done', 'cancelled'))"
                " OR category <> status_category"
            )
        )
        assert wrong == []

    @invariant()
    def no_two_tasks_of_a_project_have_one_rank(self) -> None:
        shared = self.do(
            self.tables.fetch("SELECT project_id, rank FROM tasks GROUP BY project_id, rank HAVING count(*) > 1")
        )
        assert shared == []

    @invariant()
    def every_number_up_to_the_counter_was_given_once(self) -> None:
        """As the log tells it: to whoever was made in the project, or came into it."""
        given = self.do(
            self.tables.fetch(
                "SELECT project_id, (changes->'number'->>1)::integer AS number FROM events"
                " WHERE subject_type = 'task' AND kind NOT IN ('task.purged', 'task.left')"
                " AND changes->'number'->>1 IS NOT NULL ORDER BY 1, 2"
            )
        )
        counters = self.do(
            self.tables.fetch(
                "SELECT project_id, number FROM project_counters, generate_series(1, last_number) AS number"
                " ORDER BY 1, 2"
            )
        )
        assert [tuple(row) for row in given] == [tuple(row) for row in counters]

    @invariant()
    def what_stands_beside_the_tasks_is_true(self) -> None:
        self.do(require_true(self.tables))


@pytest.mark.slow
async def test_whatever_happens_to_tasks_they_stay_whole(make: Factory, tables: Any) -> None:
    owner = await make.user()
    for project in _PROJECTS:
        await make.project(owner, project)
    async with make.client(owner) as client:
        answers = Counter[int]()
        running = {"loop": asyncio.get_running_loop(), "client": client, "tables": tables, "answers": answers}
        lives = type("Lives", (Lives,), running)
        await asyncio.to_thread(run_state_machine_as_test, lives, settings=_LIVES)
    assert min(answers[200], answers[201], answers[404]) > 0, "lives in which nothing happens prove nothing"
