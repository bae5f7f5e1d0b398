"""Complete and reopen say what is meant, and say it as often as they like."""

from typing import Any

import httpx
import pytest

from tests.support.answers import problem
from tests.support.change_log import kinds
from tests.support.factory import Factory, MadeProject

WEB_1 = "/api/v1/tasks/WEB-1"


async def test_completing_moves_a_task_into_the_first_done_status(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web)
    done = await owner.post(f"{WEB_1}/complete")
    assert (done.json()["status"], done.json()["status_category"], done.headers["etag"]) == ("done", "done", '"2"')
    assert done.json()["completed_at"] is not None


async def test_completing_twice_is_completing_once(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    task = await make.task(web)
    first = await owner.post(f"{WEB_1}/complete")
    second = await owner.post(f"{WEB_1}/complete")
    assert (second.status_code, second.json()) == (200, first.json())
    assert await kinds(tables, task["id"]) == ["task.created", "task.completed"]


async def test_a_cancelled_task_can_be_completed(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    cancelled = await make.task(web, status="cancelled")
    done = (await owner.post(f"{WEB_1}/complete")).json()
    assert (done["status"], done["completed_at"]) == ("done", cancelled["completed_at"])


@pytest.mark.parametrize("status", ["done", "cancelled"])
async def test_reopening_moves_a_closed_task_into_the_first_unstarted_status(
    status: str, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web, status=status)
    opened = (await owner.post(f"{WEB_1}/reopen")).json()
    assert (opened["status"], opened["completed_at"]) == ("todo", None)


@pytest.mark.parametrize("status", ["backlog", "todo", "in_progress"])
async def test_reopening_an_open_task_leaves_it_as_it_is(
    status: str, web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    task = await make.task(web, status=status)
    assert (await owner.post(f"{WEB_1}/reopen")).json() == task
    assert await kinds(tables, task["id"]) == ["task.created"]


async def test_a_project_without_a_done_status_cannot_complete(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    await make.task(web)
    await tables.execute("DELETE FROM statuses WHERE project_id = $1 AND category = 'done'", web.id)
    assert problem(await owner.post(f"{WEB_1}/complete")) == (409, "no_such_status")


async def test_a_missing_task_is_neither_completed_nor_reopened(web: MadeProject, owner: httpx.AsyncClient) -> None:
    for action in ("complete", "reopen"):
        assert problem(await owner.post(f"{WEB_1}/{action}")) == (404, "not_found")
