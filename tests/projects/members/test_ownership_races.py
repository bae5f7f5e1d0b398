"""However many act at once, a project has an owner, and nobody is assigned who is not in it."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from taskapi.models import ProjectRole
from tests.support.answers import column
from tests.support.factory import Factory, MadeProject

pytestmark = pytest.mark.slow

Act = Callable[[httpx.AsyncClient, str, str, str], Awaitable[httpx.Response]]


def member(project: str, user_id: str) -> str:
    return f"/api/v1/projects/{project}/members/{user_id}"


async def demote(client: httpx.AsyncClient, project: str, own: str, other: str) -> httpx.Response:
    return await client.patch(member(project, other), json={"role": "viewer"})


async def demote_oneself(client: httpx.AsyncClient, project: str, own: str, other: str) -> httpx.Response:
    return await client.patch(member(project, own), json={"role": "admin"})


async def remove(client: httpx.AsyncClient, project: str, own: str, other: str) -> httpx.Response:
    return await client.delete(member(project, other))


async def leave(client: httpx.AsyncClient, project: str, own: str, other: str) -> httpx.Response:
    return await client.post(f"/api/v1/projects/{project}/leave")


async def two_owners(live: Factory, key: str) -> tuple[MadeProject, list[httpx.AsyncClient], list[str]]:
    project = await live.project(key=key)
    other = await live.member(project, ProjectRole.OWNER)
    witness = await live.member(project, ProjectRole.VIEWER)
    return project, [live.client(p) for p in (project.owner, other, witness)], [str(project.owner.id), str(other.id)]


@pytest.mark.parametrize(
    ("act", "refusals"),
    [
        # Who comes a moment too late is no owner any more, or no member: that is then the answer.
        (demote, {409, 403}),
        (remove, {409, 404}),
        (demote_oneself, {409}),
        (leave, {409}),
    ],
)
async def test_of_two_owners_who_act_at_once_one_stays(live: Factory, act: Act, refusals: set[int]) -> None:
    for attempt in range(20):
        project, (first, second, witness), (one, two) = await two_owners(live, f"P{attempt}")
        answers = await asyncio.gather(act(first, project.key, one, two), act(second, project.key, two, one))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses[0] in {200, 204}
        assert statuses[1] in refusals
        members = await witness.get(f"/api/v1/projects/{project.key}/members")
        assert column(members, "role").count("owner") == 1


async def test_a_transfer_and_a_departure_at_once_leave_an_owner(live: Factory) -> None:
    for attempt in range(20):
        project, (first, second, witness), (_, two) = await two_owners(live, f"P{attempt}")
        path = f"/api/v1/projects/{project.key}"
        answers = await asyncio.gather(
            first.post(f"{path}/transfer", json={"user_id": two}), second.post(f"{path}/leave")
        )
        assert sorted(answer.status_code for answer in answers) in ([200, 409], [204, 422])
        assert column(await witness.get(f"{path}/members"), "role").count("owner") == 1


async def test_nobody_stays_assigned_who_is_removed_at_that_moment(live: Factory) -> None:
    project = await live.project(key="WEB")
    owner = live.client(project.owner)
    for _ in range(20):
        person = await live.member(project, ProjectRole.EDITOR)
        body = {"title": "Whose?", "assignee_ids": [str(person.id)]}
        made, removed = await asyncio.gather(
            owner.post(project.tasks_path, json=body), owner.delete(member("WEB", str(person.id)))
        )
        assert removed.status_code == 204
        assert made.status_code in {201, 422}
    assignees = column(await owner.get(project.tasks_path), "assignee_ids")
    assert all(found == [] for found in assignees)
