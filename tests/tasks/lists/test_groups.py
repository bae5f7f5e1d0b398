"""A list in groups: a board in one request, each group's first page, and the way on from there."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from taskapi.models import ProjectRole
from taskapi.tasks.filters.schemas import GroupBy
from taskapi.tasks.lists import service, statements
from taskapi.tasks.schemas import Expand
from tests.conftest import ClientFor
from tests.support.answers import problem, titles, walk
from tests.support.factory import Factory, MadeProject
from tests.support.statements import Counting

TASKS = "/api/v1/projects/WEB/tasks"
ALL = "/api/v1/tasks"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


async def groups(client: httpx.AsyncClient, path: str = TASKS, **params: Any) -> dict[str, list[str]]:
    """The titles of each group, in the order of the groups."""
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return {group["key"]: [item["title"] for item in group["items"]] for group in answer.json()["groups"]}


async def test_a_board_has_a_column_for_each_status_also_an_empty_one(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, count_statements: Counting
) -> None:
    for title, status in (("a", "todo"), ("b", "done"), ("c", "todo")):
        await make.task(web, title, status=status)
    expected = {"backlog": [], "todo": ["a", "c"], "in_progress": [], "done": ["b"], "cancelled": []}
    assert await groups(owner, group_by="status") == expected
    async with count_statements() as seen:
        assert await groups(owner, group_by="status") == expected
    assert len(seen) == 1
    assert list(await groups(owner, group_by="status")) == list(expected)
    assert (await groups(owner, ALL, group_by="status"))["todo"] == ["c", "a"]
    assert await groups(owner, group_by="status", status=["todo", "backlog"]) == {"backlog": [], "todo": ["a", "c"]}
    assert (await groups(owner, group_by="status", filter="title:c"))["todo"] == ["c"]
    assert (await groups(owner, group_by="status", sort="-title"))["todo"] == ["c", "a"]


@pytest.mark.parametrize("group_by", list(GroupBy))
@pytest.mark.parametrize("path", [TASKS, ALL])
async def test_groups_expand_all_that_a_list_does(
    path: str, group_by: GroupBy, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    await make.task(web, "a", description="*soon*")
    answer = await owner.get(path, params={"group_by": group_by, "expand": list(Expand)})
    assert answer.status_code == 200, answer.text
    [item] = [item for group in answer.json()["groups"] for item in group["items"]]
    [listed] = (await owner.get(path, params={"expand": list(Expand)})).json()["items"]
    assert item == listed
    assert item["description_html"] == "<p><em>soon</em></p>\n"


@pytest.mark.parametrize("sort", ["", "-created_at", "updated_at", "-priority,title", "due"])
@pytest.mark.parametrize(
    ("group_by", "parameter"), [("status", "todo"), ("priority", "none"), ("due", "none"), ("assignee", "none")]
)
async def test_a_group_goes_on_by_its_cursor_and_the_parameter_of_its_key(
    group_by: str, parameter: str, sort: str, web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    for n in range(7):
        await make.task(web, f"{n}", estimate=n % 2)
    await make.task(web, "other", status="done", priority="high", due_on="2026-03-01", assignee_ids=[str(web.owner.id)])
    for path in (TASKS, ALL):
        query: dict[str, Any] = {"filter": "estimate:<=1", "limit": 3} | ({"sort": sort} if sort else {})
        answer = (await owner.get(path, params={**query, "group_by": group_by})).json()
        [group] = [group for group in answer["groups"] if group["key"] == parameter]
        assert (group["count"], len(group["items"])) == (7, 3)
        rest = await owner.get(path, params={**query, group_by: parameter, "cursor": group["next_cursor"], "limit": 50})
        whole = [item["title"] for item in await walk(owner, path, **{**query, group_by: parameter})]
        assert [item["title"] for item in group["items"]] + titles(rest) == whole
        elsewhere = {**query, group_by: "done" if group_by == "status" else "high", "cursor": group["next_cursor"]}
        if group_by in {"status", "priority"}:
            assert problem(await owner.get(path, params=elsewhere)) == (400, "invalid_cursor")


async def test_priorities_come_from_the_highest(web: MadeProject, owner: httpx.AsyncClient, make: Factory) -> None:
    await make.task(web, "a", priority="low")
    await make.task(web, "b", priority="urgent")
    found = await groups(owner, group_by="priority")
    assert list(found) == ["urgent", "high", "medium", "low", "none"]
    assert (found["urgent"], found["low"]) == (["b"], ["a"])
    assert list(await groups(owner, group_by="priority", priority=["low", "high"])) == ["high", "low"]


@pytest.fixture
def with_limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int, int], None]]:
    """Groups are common, and what is looked at for all of them is over, much sooner than in life."""

    def set_to(common: int, looked_at: int) -> None:
        monkeypatch.setattr(statements, "_COMMON", common)
        monkeypatch.setattr(statements, "_LOOKED_AT", looked_at)
        statements.groups.cache_clear()

    yield set_to
    statements.groups.cache_clear()


SOME = (
    *(("none", None), ("none", None), ("high", "2026-03-01"), ("none", None), ("urgent", "2026-03-10")),
    *(("none", "2026-03-02"), ("low", "2026-04-30"), ("none", None), ("low", "2026-03-03")),
)


@pytest.mark.parametrize("looked_at", [1, 6, 100])
async def test_groups_are_the_same_however_they_are_counted(
    looked_at: int,
    with_limits: Callable[[int, int], None],
    web: MadeProject,
    owner: httpx.AsyncClient,
    make: Factory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "utc_now", lambda: NOW)
    other = await make.project(web.owner, "OTHER")
    for n, (priority, due_on) in enumerate(SOME):
        status = "done" if n == 8 else "todo"
        await make.task(other if n % 3 == 2 else web, f"{n}", priority=priority, due_on=due_on, status=status)
    asked = [
        (path, {"group_by": group_by, "sort": sort, "limit": 2, "filter": "-title:7"})
        for path in (TASKS, ALL)
        for group_by in ("priority", "due")
        for sort in ("number", "due", "-title")
    ]
    expected = [(await owner.get(path, params=query)).json()["groups"] for path, query in asked]
    with_limits(3, looked_at)
    found = [(await owner.get(path, params=query)).json()["groups"] for path, query in asked]
    for before, now in zip(expected, found, strict=True):
        assert [group["count"] for group in now] == [min(group["count"], 3) for group in before]
        assert [(group["key"], group["items"]) for group in now] == [(group["key"], group["items"]) for group in before]


async def test_labels_come_by_name_with_what_is_unmarked_last(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    ids = {}
    for name in ("ui", "Bug", "unused"):
        made = await owner.post("/api/v1/projects/WEB/labels", json={"name": name, "color": "#d73a4a"})
        ids[name] = made.json()["id"]
    await make.task(web, "a", label_ids=[ids["ui"]])
    await make.task(web, "b", label_ids=[ids["ui"], ids["Bug"]])
    await make.task(web, "c")
    expected = {ids["Bug"]: ["b"], ids["ui"]: ["a", "b"], "none": ["c"]}
    found = await groups(owner, group_by="label")
    assert (found, list(found)) == (expected, list(expected))
    assert await groups(owner, group_by="label", label="bug") == {ids["Bug"]: ["b"]}
    by_words = {"label:UI": {"a", "b"}, "label:ui -label:bug": {"a"}, "label:none": {"c"}, f"label:{ids['Bug']}": {"b"}}
    for text, expected_titles in by_words.items():
        shown = await owner.get(TASKS, params={"filter": text})
        assert set(titles(shown)) == expected_titles, text


async def test_custom_fields_milestones_and_cycles_have_names_in_the_language(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    field = {"key": "cost", "name": "Cost", "type": "number"}
    assert (await owner.post("/api/v1/projects/WEB/fields", json=field)).status_code == 201
    fair = (await owner.post("/api/v1/projects/WEB/milestones", json={"name": "Spring fair"})).json()["id"]
    await make.task(web, "a", fields={"cost": 5}, milestone_id=fair)
    await make.task(web, "b", fields={"cost": 9})
    await make.task(web, "c")
    said = {
        "field.cost:>5": {"b"},
        "field.cost:none": {"c"},
        "field.cost:5..9 -milestone:none": {"a"},
        'milestone:"spring FAIR"': {"a"},
        "cycle:none field.cost:<=9": {"a", "b"},
        "cycle:current": set(),
    }
    for text, expected in said.items():
        for path in (TASKS, ALL):
            assert set(titles(await owner.get(path, params={"filter": text}))) == expected, text
    assert (await groups(owner, group_by="status", filter="field.cost:>5", sort="-field.cost"))["todo"] == ["b"]
    view = {"name": "Dear", "filter": "field.cost:>5", "project": "WEB"}
    view_id = (await owner.post("/api/v1/views", json=view)).json()["id"]
    assert titles(await owner.get(TASKS, params={"view": view_id})) == ["b"]
    for text in ("field.price:>5", "field.cost:dear"):
        assert problem(await owner.get(TASKS, params={"filter": text})) == (422, "invalid_filter")


async def test_people_come_by_name_with_what_is_nobodys_last(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    zoe = await make.member(web, ProjectRole.EDITOR, await make.user("aaa", full_name="Zoe"))
    eve = await make.member(web, ProjectRole.EDITOR, await make.user("zzz", full_name="Éve"))
    await make.member(web, ProjectRole.EDITOR, await make.user("idle"))
    await make.task(web, "both", assignee_ids=[str(zoe.id), str(eve.id)])
    await make.task(web, "one", assignee_ids=[str(zoe.id)])
    await make.task(web, "none")
    expected = {str(eve.id): ["both"], str(zoe.id): ["both", "one"], "none": ["none"]}
    found = await groups(owner, group_by="assignee", sort="number")
    assert (found, list(found)) == (expected, list(expected))
    assert await groups(owner, group_by="assignee", assignee=str(zoe.id)) == {str(zoe.id): ["both", "one"]}
    assert await groups(owner, group_by="assignee", assignee=["none", "me"]) == {"none": ["none"]}
    both = {"group_by": "assignee", "filter": "assignee:none OR project:WEB status:todo"}
    assert list(await groups(owner, ALL, **both)) == list(expected)


async def test_due_dates_fall_into_groups_in_the_readers_zone(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "utc_now", lambda: NOW)
    for title, due in {
        "late": {"due_on": "2026-03-09"},
        "this morning": {"due_at": "2026-03-10T08:00:00Z"},
        "today": {"due_on": "2026-03-10"},
        "tonight": {"due_at": "2026-03-10T22:30:00Z"},
        "tomorrow": {"due_on": "2026-03-11"},
        "in a week": {"due_on": "2026-03-17"},
        "later": {"due_on": "2026-03-18"},
        "some day": {},
    }.items():
        await make.task(web, title, **due)
    await make.task(web, "was late", due_on="2026-03-09", status="done")
    await make.task(web, "was today", due_at="2026-03-10T08:00:00Z", status="done")
    expected = {
        "overdue": ["late", "this morning"],
        "today": ["today", "tonight", "was today"],
        "next7days": ["tomorrow", "in a week"],
        "later": ["later"],
        "none": ["some day"],
        "past": ["was late"],
    }
    found = await groups(owner, group_by="due", sort="number", tz="UTC")
    assert (found, list(found)) == (expected, list(expected))
    in_berlin = await groups(owner, group_by="due", sort="number", tz="Europe/Berlin")
    assert in_berlin["today"] == ["today", "tonight", "was today"]
    in_athens = await groups(owner, group_by="due", sort="number", tz="Europe/Athens")
    assert (in_athens["today"], in_athens["next7days"]) == (
        ["today", "was today"],
        ["tonight", "tomorrow", "in a week"],
    )
    for key, members in expected.items():
        alone = await owner.get(TASKS, params={"due": key, "sort": "number", "tz": "UTC"})
        assert titles(alone) == members


async def test_who_does_not_see_a_project_sees_none_of_its_groups(
    web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    await make.task(web, "a")
    stranger = client_for(await make.user("stranger"))
    assert problem(await stranger.get(TASKS, params={"group_by": "status"})) == (404, "not_found")
    for group_by in ("status", "assignee"):
        assert await groups(stranger, ALL, group_by=group_by) == {}
    admin = client_for(await make.user("root", admin=True))
    assert (await groups(admin, group_by="status"))["todo"] == ["a"]
    assert list((await groups(admin, group_by="assignee")).values()) == [["a"]]


async def test_what_groups_do_not_take_is_refused(owner: httpx.AsyncClient) -> None:
    for more in ({"limit": 51}, {"page": 1}, {"cursor": "x"}, {"include": "total"}, {"group_by": "colour"}):
        answer = await owner.get(TASKS, params={"group_by": "status", **more})
        assert answer.status_code in {400, 422}, answer.text


async def test_more_than_a_hundred_groups_are_refused(web: MadeProject, owner: httpx.AsyncClient, tables: Any) -> None:
    await tables.execute(
        "INSERT INTO statuses (id, project_id, key, name, category, position)"
        " SELECT gen_random_uuid(), $1, 's' || n, 's' || n, 'started', n + 10 FROM generate_series(1, 100) AS n",
        web.id,
    )
    assert problem(await owner.get(TASKS, params={"group_by": "status"})) == (422, "too_many_groups")
    assert list(await groups(owner, group_by="status", status=["s7", "s3"])) == ["s3", "s7"]
