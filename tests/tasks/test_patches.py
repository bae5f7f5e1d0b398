"""A patch changes what differs from the task as JSON has it, and nothing else."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from taskapi.tasks import changing
from taskapi.tasks.errors import UnknownReference
from taskapi.tasks.schemas import TaskUpdate
from tests.support.factory import Factory, MadeProject

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
PARENT = "01a1feb0-afe3-7bae-853c-19c295971a25"
TASK: dict[str, Any] = {
    "title": "T",
    "description": None,
    "mentions": [],
    "status": "todo",
    "status_category": "unstarted",
    "priority": "high",
    "start_on": "2026-03-01",
    "due_on": None,
    "due_at": "2026-03-10T12:00:00.000000Z",
    "estimate": 2,
    "parent_id": PARENT,
    "assignee_ids": [PARENT],
    "completed_at": None,
}


def patched(category: str | None = None, **patch: Any) -> changing.Changes:
    return changing.patched(TASK, TaskUpdate.model_validate(patch), category, NOW)


@pytest.mark.parametrize("name", [name for name in TASK if name in TaskUpdate.model_fields])
def test_what_a_task_has_already_is_no_change(name: str) -> None:
    assert patched(**{name: TASK[name]}) == {}


@pytest.mark.parametrize(
    "same", [{"due_at": "2026-03-10T13:00:00+01:00"}, {"estimate": 2.0}, {"parent_id": PARENT.upper()}]
)
def test_the_same_written_in_another_way_is_no_change(same: dict[str, Any]) -> None:
    assert patched(**same) == {}


def test_a_due_of_one_kind_takes_the_place_of_the_other() -> None:
    assert patched(due_on="2026-03-11").keys() == {"due_on", "due_at"}
    assert patched(due_on="2026-03-11")["due_at"] is None
    assert patched(due_at=None) == {"due_at": None}
    assert patched(due_on=None) == {}


def test_closing_completes_and_opening_again_clears() -> None:
    assert patched("done", status="done") == {"status": "done", "status_category": "done", "completed_at": NOW}
    assert patched("started", status="doing") == {"status": "doing", "status_category": "started"}
    done = {**TASK, "status": "done", "status_category": "done", "completed_at": "2026-03-01T00:00:00.000000Z"}
    assert changing.entering(done, "todo", "unstarted", NOW)["completed_at"] is None
    assert "completed_at" not in changing.entering(done, "cancelled", "cancelled", NOW)


def test_a_status_that_the_project_does_not_have_is_refused_only_where_it_would_be_entered() -> None:
    with pytest.raises(UnknownReference):
        patched(None, status="nowhere")
    assert patched(None, status="todo") == {}


async def test_a_patch_with_all_that_is_there_leaves_the_version(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    task = await make.task(
        web,
        "T",
        description="d",
        priority="low",
        start_on="2026-03-01",
        due_at="2026-03-10T12:00:00.5Z",
        estimate=1.5,
        parent_id=(await make.task(web))["id"],
        assignee_ids=[str(web.owner.id)],
    )
    same = {name: task[name] for name in TaskUpdate.model_fields if task[name] is not None}
    answer = await owner.patch(f"/api/v1/tasks/{task['key']}", json=same)
    assert (answer.status_code, answer.json()) == (200, task)
