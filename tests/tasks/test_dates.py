"""A task begins before it is due, and a project says in what it estimates."""

from typing import Any

import httpx
import pytest

from tests.support.answers import faults, pointers
from tests.support.factory import Factory, MadeProject

WEB, WEB_1 = "/api/v1/projects/WEB", "/api/v1/tasks/WEB-1"


async def test_a_task_does_not_begin_after_it_is_due(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    wrong = {"title": "T", "start_on": "2026-12-02", "due_on": "2026-12-01"}
    assert faults(await owner.post(f"{WEB}/tasks", json=wrong))
    await make.task(web, start_on="2026-12-01", due_on="2026-12-01")
    assert faults(await owner.patch(WEB_1, json={"start_on": "2026-12-03", "due_on": "2026-12-02"}))
    assert faults(await owner.patch(WEB_1, json={"start_on": "2026-12-02"})) == [("/start_on", "starts_after_due")]
    assert faults(await owner.patch(WEB_1, json={"due_on": "2026-11-30"})) == [("/due_on", "starts_after_due")]
    for right in (
        {"start_on": "2026-12-02", "due_on": "2026-12-03"},
        {"start_on": "2026-12-05", "due_on": None},
        {"due_at": "2026-12-01T00:00:00Z"},
    ):
        assert (await owner.patch(WEB_1, json=right)).status_code == 200


async def test_what_was_stored_the_wrong_way_round_can_be_changed(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    await make.task(web, due_on="2026-12-01")
    await tables.execute("UPDATE tasks SET start_on = '2026-12-31'")
    assert (await owner.patch(WEB_1, json={"title": "Other"})).status_code == 200
    assert pointers(await owner.patch(WEB_1, json={"due_on": "2026-12-02"})) == ["/due_on"]
    assert (await owner.patch(WEB_1, json={"start_on": None})).status_code == 200


async def test_a_project_estimates_in_points_or_minutes(owner: httpx.AsyncClient, web: MadeProject) -> None:
    assert (await owner.get(WEB)).json()["estimate_unit"] == "points"
    changed = await owner.patch(WEB, json={"estimate_unit": "minutes"})
    assert changed.json()["estimate_unit"] == (await owner.get(WEB)).json()["estimate_unit"] == "minutes"
    made = await owner.post("/api/v1/projects", json={"key": "OPS", "name": "Ops", "estimate_unit": "minutes"})
    assert made.json()["estimate_unit"] == "minutes"


@pytest.mark.parametrize("unit", ["hours", None, 1])
async def test_there_is_no_other_unit(unit: Any, owner: httpx.AsyncClient, web: MadeProject) -> None:
    assert pointers(await owner.patch(WEB, json={"estimate_unit": unit})) == ["/estimate_unit"]
