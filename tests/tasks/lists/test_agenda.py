"""What is open of me, in the order in which it is due, over all my projects: read along a table of its own."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from taskapi.core.lists import sorting
from taskapi.models import ProjectRole
from taskapi.tasks.filters.ast import And, Clause, Not, Operator, Or
from taskapi.tasks.filters.standpoint import OPEN
from taskapi.tasks.lists.access_paths import agenda
from tests.support.answers import titles
from tests.support.factory import Factory, MadeProject

ME, OTHER = UUID(int=1), UUID(int=2)
MINE = Clause("assignee", Operator.ANY_OF, (ME,))
MY_OPEN = "/api/v1/tasks?assignee=me&open=true&sort=due"


@pytest.mark.parametrize(
    ("tree", "sort", "is_led"),
    [
        (And((MINE, OPEN)), "due", True),
        (And((And((MINE,)), And((OPEN, Clause("blocked", Operator.HOLDS))))), "due,priority", True),
        (And((MINE, OPEN)), "-due", False),
        (And((MINE, OPEN)), "rank", False),
        (And((MINE,)), "due", False),
        (And((OPEN,)), "due", False),
        (And((Clause("assignee", Operator.ANY_OF, (OTHER,)), OPEN)), "due", False),
        (And((Clause("assignee", Operator.ANY_OF, (ME, OTHER)), OPEN)), "due", False),
        (And((Not(MINE), OPEN)), "due", False),
        (And((Or((MINE, Clause("blocked", Operator.HOLDS))), OPEN)), "due", False),
        (And((MINE, Not(OPEN))), "due", False),
    ],
)
def test_only_what_must_be_open_and_mine_is_read_along_it(tree: And, sort: str, is_led: bool) -> None:
    assert (agenda(tree, sorting.parse(sort), ME) is not None) == is_led


async def filled(make: Factory, web: MadeProject) -> MadeProject:
    """Tasks in two projects, in an archived one, and such as are none of mine, done, or in the trash."""
    me, other = [str(web.owner.id)], await make.project(web.owner, "OTHER")
    colleague = await make.member(web, ProjectRole.EDITOR)
    archived = await make.project(web.owner, "OLD")
    await make.task(web, "third", assignee_ids=me, due_on="2026-05-03", priority="high")
    await make.task(other, "first", assignee_ids=[*me], due_on="2026-05-01")
    await make.task(web, "second", assignee_ids=[*me, str(colleague.id)], due_at="2026-05-02T10:00:00Z")
    await make.task(other, "whenever", assignee_ids=me, priority="high")
    await make.task(web, "theirs", assignee_ids=[str(colleague.id)], due_on="2026-05-01")
    await make.task(web, "nobody's", due_on="2026-05-01")
    await make.task(web, "done", assignee_ids=me, due_on="2026-05-01", status="done")
    gone = await make.task(web, "gone", assignee_ids=me, due_on="2026-05-01")
    await make.task(archived, "old", assignee_ids=me, due_on="2026-05-01")
    async with make.client(web.owner) as client:
        assert (await client.delete(f"/api/v1/tasks/{gone['id']}")).is_success
        assert (await client.patch("/api/v1/projects/OLD", json={"archived": True})).is_success
    return other


async def walked(client: httpx.AsyncClient, query: str) -> list[str]:
    found, cursor = [], ""
    while True:
        answer = await client.get(f"{query}&limit=1{cursor}")
        page: dict[str, Any] = answer.json()
        found += titles(answer)
        if not page["has_more"]:
            return found
        cursor = f"&cursor={page['next_cursor']}"


async def test_it_has_what_is_open_and_mine_wherever_it_is(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await filled(make, web)
    expected = ["first", "second", "third", "whenever"]
    assert titles(await owner.get(MY_OPEN)) == await walked(owner, MY_OPEN) == expected
    assert titles(await owner.get("/api/v1/tasks?filter=assignee:me+is:open&sort=due")) == expected
    page = (await owner.get(f"{MY_OPEN}&page=2&limit=3&include=total")).json()
    assert ([task["title"] for task in page["items"]], page["total"]) == (["whenever"], 4)
    assert await walked(owner, f"{MY_OPEN},title&priority=high") == ["third", "whenever"]
    assert await walked(owner, f"{MY_OPEN}&due_before=2026-05-03") == ["first", "second"]
    assert titles(await owner.get("/api/v1/projects/OTHER/tasks?assignee=me&open=true&sort=due")) == [
        "first",
        "whenever",
    ]


async def test_it_follows_what_happens_to_the_tasks(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await filled(make, web)
    for path, body in (
        ("WEB-1", {"due_on": "2026-04-30"}),
        ("WEB-2", {"status": "done"}),
        ("OTHER-1", {"assignee_ids": []}),
        ("WEB-4", {"assignee_ids": [str(web.owner.id)]}),
        ("WEB-5", {"status": "todo"}),
    ):
        assert (await owner.patch(f"/api/v1/tasks/{path}", json=body)).is_success
    assert (await owner.post("/api/v1/tasks/WEB-6/restore")).is_success
    assert await walked(owner, MY_OPEN) == ["third", "nobody's", "done", "gone", "whenever"]


async def test_who_leaves_a_project_has_nothing_of_it(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    colleague = await make.member(web, ProjectRole.EDITOR)
    await make.task(web, "theirs", assignee_ids=[str(colleague.id)])
    async with make.client(colleague) as client:
        assert await walked(client, MY_OPEN) == ["theirs"]
        assert (await owner.delete(f"/api/v1/projects/WEB/members/{colleague.id}")).is_success
        assert await walked(client, MY_OPEN) == []
