"""Moving needs the right to write on both ends (T20): each role here, each role or none there."""

from typing import Any

import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.factory import Factory, MadeProject

ROLES = [*ProjectRole, None]
WRITERS = {ProjectRole.EDITOR, ProjectRole.ADMIN, ProjectRole.OWNER}


def expected(here: ProjectRole | None, there: ProjectRole | None) -> int:
    if here is None:
        return 404
    if here not in WRITERS:
        return 403
    if there is None:
        return 404
    return 200 if there in WRITERS else 403


@pytest.mark.parametrize("here", ROLES)
@pytest.mark.parametrize("there", ROLES)
async def test_a_task_moves_where_the_caller_writes_on_both_ends(
    here: ProjectRole | None, there: ProjectRole | None, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    other = await make.project(key="OTHER")
    person = await make.user()
    for project, role in ((web, here), (other, there)):
        if role is not None:
            await make.member(project, role, person)
    parent = await make.task(web)
    child = await make.task(web, parent_id=parent["id"])
    for task in (child, parent):
        answer = await client_for(person).post(f"/api/v1/tasks/{task['id']}/move", json={"project": "OTHER"})
        assert answer.status_code == expected(here, there)
        if answer.status_code == 200:
            assert (answer.json()["project_id"], answer.json()["parent_id"]) == (str(other.id), None)
    if expected(here, there) != 200:
        unmoved = await client_for(web.owner).get(f"/api/v1/tasks/{child['id']}")
        assert unmoved.json() == child


@pytest.mark.parametrize("there", ROLES)
async def test_nobody_is_told_of_a_project_they_do_not_see(
    there: ProjectRole | None, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    other = await make.project(key="OTHER")
    person = await make.member(web, ProjectRole.EDITOR)
    if there is not None:
        await make.member(other, there, person)
    task = await make.task(web)
    bodies = []
    for name in ("OTHER", "NOWHERE"):
        answer = await client_for(person).post(f"/api/v1/tasks/{task['id']}/move", json={"project": name})
        bodies.append((answer.status_code, answer.json().get("detail")))
    if there is None:
        assert bodies[0] == bodies[1]
    else:
        assert bodies[1][0] == 404


@pytest.mark.parametrize("role", list(ProjectRole))
@pytest.mark.parametrize("parent", ["same", "foreign", None])
async def test_re_parenting_needs_the_right_to_write(
    role: ProjectRole, parent: str | None, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    person = await make.member(web, role)
    elsewhere = await make.project(person, "ELSE")
    parents: dict[str | None, Any] = {
        "same": (await make.task(web))["id"],
        "foreign": (await make.task(elsewhere))["id"],
        None: None,
    }
    task = await make.task(web, parent_id=parents["same"] if parent is None else None)
    answer = await client_for(person).patch(f"/api/v1/tasks/{task['id']}", json={"parent_id": parents[parent]})
    if role not in WRITERS:
        assert problem(answer) == (403, "forbidden")
    else:
        assert answer.status_code == (422 if parent == "foreign" else 200)
