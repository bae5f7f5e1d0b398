"""What bodies look like on the wire."""

import json
import re

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.factory import Factory

_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"')


@pytest.fixture
async def owner(make: Factory, client_for: ClientFor) -> httpx.AsyncClient:
    project = await make.project(await make.user("maria", admin=True), key="WEB")
    parent = await make.task(project, 'A " : , quoted title', description="a : b\n{ }")
    helper = await make.member(project, ProjectRole.EDITOR)
    await make.task(project, parent_id=parent["id"], assignee_ids=[str(project.owner.id), str(helper.id)])
    return client_for(project.owner)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/tasks/WEB-1",
        "/api/v1/tasks/WEB-2?expand=parent,project,creator,assignees",
        "/api/v1/tasks?expand=assignees,parent&include=total",
        "/api/v1/projects/WEB",
        "/api/v1/projects/WEB/members",
        "/api/v1/projects/WEB/statuses",
        "/api/v1/users/me",
        "/api/v1/users",
        "/api/v1/auth/sessions",
        "/api/v1/auth/validate",
        "/health",
    ],
)
async def test_a_body_has_no_blanks_that_say_nothing(path: str, owner: httpx.AsyncClient) -> None:
    answer = await owner.get(path)
    assert answer.status_code == 200
    assert not re.search(rb"\s", _STRINGS.sub(b"", answer.content)), answer.content
    assert json.loads(answer.content)


async def test_texts_keep_their_blanks(owner: httpx.AsyncClient) -> None:
    task = (await owner.get("/api/v1/tasks/WEB-1")).json()
    assert (task["title"], task["description"]) == ('A " : , quoted title', "a : b\n{ }")
