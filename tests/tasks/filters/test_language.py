"""The filter language over HTTP: it narrows lists, takes what people write, and says what is wrong where it is."""

import time
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from taskapi.core.db.statements import One, prepare_text
from taskapi.models import Priority, ProjectRole
from taskapi.tasks.errors import InvalidFilter
from taskapi.tasks.filters.ast import Operator
from taskapi.tasks.filters.compile import compiled
from taskapi.tasks.filters.fields import FIELDS, Field, any_of, compares, holds
from taskapi.tasks.filters.language import MAX_DEPTH, MAX_TERMS, Mistake, names_in, read
from taskapi.tasks.filters.meaning import filter_in
from taskapi.tasks.filters.names import NAMES, name_of
from taskapi.tasks.filters.standpoint import Standpoint
from tests.conftest import ClientFor
from tests.support.answers import problem, titles
from tests.support.factory import Factory, MadeProject

TASKS = "/api/v1/projects/WEB/tasks"
ALL = "/api/v1/tasks"
ANY, BEFORE, SINCE = Operator.ANY_OF, Operator.BEFORE, Operator.SINCE
INVALID = (422, "invalid_filter")


async def found(client: httpx.AsyncClient, text: str, **params: Any) -> list[str]:
    """The titles that this filter finds, the same in both lists."""
    answers = [await client.get(path, params={"filter": text, **params}) for path in (TASKS, ALL)]
    of_project, of_all = [sorted(titles(answer)) for answer in answers]
    assert of_project == of_all
    return of_project


@pytest.fixture
async def tasks(web: MadeProject, make: Factory) -> None:
    maria = await make.member(web, ProjectRole.EDITOR, await make.user("Maria"))
    await make.task(web, "Fix login", priority="high", assignee_ids=[str(maria.id)])
    await make.task(web, "Sign in", status="done", description="the exact phrase of login")
    await make.task(web, "Release or not", due_on="2026-12-01", estimate=3)
    await make.task(web, 'Say "hi" \\o/', start_on="2026-12-01", status="in_progress")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["Fix login", "Release or not", 'Say "hi" \\o/', "Sign in"]),
        ("login", ["Fix login", "Sign in"]),
        ("status:todo login", ["Fix login"]),
        ("status:done,in_progress", ['Say "hi" \\o/', "Sign in"]),
        ('(title:LOGIN OR "exact phrase") -status:done', ["Fix login"]),
        ("assignee:maria", ["Fix login"]),
        ("Assignee:@MARIA", ["Fix login"]),
        ("assignee:me", []),
        ("creator:me NOT priority:>=high -is:closed has:due", ["Release or not"]),
        ("due:2026-12-01", ["Release or not"]),
        ("due:2026-11-30..2026-12-02 start:none", ["Release or not"]),
        ("estimate:>=2.5", ["Release or not"]),
        ("key:web-1,WEB-2,XXX-1", ["Fix login", "Sign in"]),
        ("project:WEB number:4", ['Say "hi" \\o/']),
        ("project:web,OTHER -project:WEB", []),
        (r'title:"\"hi\" \\o/"', ['Say "hi" \\o/']),
        ('"or" release', ["Release or not"]),
        ("a=b OR priorities>=high OR title:fix", ["Fix login"]),
        ("title:release OR title:sign AND status:todo", ["Release or not"]),
        ("created:today", ["Fix login", "Release or not", 'Say "hi" \\o/', "Sign in"]),
        ("updated:>=-1d updated:<=now", ["Fix login", "Release or not", 'Say "hi" \\o/', "Sign in"]),
        ("updated:<-1d", []),
        ("completed:>now-1h", ["Sign in"]),
        ("priority:>urgent", []),
    ],
)
async def test_a_filter_finds(text: str, expected: list[str], tasks: None, owner: httpx.AsyncClient) -> None:
    assert await found(owner, text, tz="UTC") == expected


async def test_other_parameters_narrow_it(tasks: None, owner: httpx.AsyncClient) -> None:
    assert await found(owner, "login OR release", status="todo") == ["Fix login", "Release or not"]
    assert await found(owner, "status:todo OR status:done", status="todo", q="login", sort="-updated_at") == [
        "Fix login"
    ]
    assert await found(owner, "status:todo updated:>-1d", sort="updated_at", open="true") == [
        "Fix login",
        "Release or not",
    ]


async def test_pages_of_a_filter_go_on_by_their_cursor(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    for n in range(5):
        await make.task(web, f"{n}", priority="low" if n % 2 else "high")
    first = (await owner.get(TASKS, params={"filter": "priority:high", "limit": 2, "include": "total"})).json()
    assert (titles_of(first), first["total"]) == (["0", "2"], 3)
    rest = {"filter": "priority:high", "limit": 2, "cursor": first["next_cursor"]}
    assert titles_of((await owner.get(TASKS, params=rest)).json()) == ["4"]
    other = await owner.get(TASKS, params={**rest, "filter": "priority:low"})
    assert problem(other) == (400, "invalid_cursor")


def titles_of(page: Any) -> list[str]:
    return [item["title"] for item in page["items"]]


async def test_a_status_of_the_filter_is_read_along_its_index(tasks: None, owner: httpx.AsyncClient) -> None:
    assert await found(owner, "status:todo", sort="rank") == await found(owner, "status:todo", sort="title")


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("statsu:todo", 1, "did you mean status?"),
        ("login colour:red", 7, "There is no such field"),
        ("priority:hgih", 10, "did you mean high?"),
        ("priority:low,urgnet", 14, "did you mean urgent?"),
        ("is:oepn", 4, "did you mean open?"),
        ("no:dew", 4, "did you mean due?"),
        ("has:>due", 5, "one of"),
        ("no:key", 4, "one of"),
        ("due:tomorow", 5, "did you mean tomorrow?"),
        ("due:2026-02-30", 5, "Expected a day or an instant"),
        ("due:+99999y", 5, "between the years"),
        ("start:2026-01-01T10:00:00Z", 7, "Expected a day"),
        ("start:>a..b", 7, "no comparison"),
        ("estimate:many", 10, "Expected a number"),
        ("number:1.5", 8, "whole number"),
        ("status:>todo", 8, "no order"),
        ("status:To_Do!", 8, "key of a status"),
        ("assignee:a/b", 10, "user name"),
        ("key:12", 5, "WEB-12"),
        ('title:""', 7, "word"),
        ('login ""', 7, "between the quotes"),
        ("status:", 8, "a value"),
        ("status:todo OR", 15, "ends where a word"),
        ("OR a", 1, "Here a word"),
        ("login or logout", 7, '"or"'),
        ("is:open And due:today", 9, "AND is written in capitals"),
        ("not label:bug", 1, "NOT is written in capitals"),
        ("is:open priority>=high", 9, "A colon stands between"),
        ("Status=todo", 1, "A colon stands between"),
        ("(login", 7, "closing parenthesis"),
        ("login)", 6, "closes none"),
        ("()", 2, "Here a word"),
        ('login "never', 7, "never closed"),
        ("a - b", 3, "Here a word"),
        (" ".join(["a"] * (MAX_TERMS + 1)), 2 * MAX_TERMS + 1, "at most 50"),
        ("status:" + ",".join(["a"] * (MAX_TERMS + 1)), 8 + 2 * MAX_TERMS, "at most 50"),
        ("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1), MAX_DEPTH + 1, "10 deep"),
        ("-" * 2000, MAX_DEPTH + 1, "10 deep"),
    ],
)
async def test_a_mistake_is_pointed_at(text: str, column: int, says: str, owner: httpx.AsyncClient) -> None:
    for path in (TASKS, ALL, "/api/v1/projects/NONE/tasks"):
        answer = await owner.get(path, params={"filter": text})
        assert problem(answer) == INVALID
        refused = answer.json()
        assert refused["column"] == column
        [fault] = refused["errors"]
        assert (fault["pointer"], fault["column"]) == ("/query/filter", column)
        assert says in fault["detail"]
        assert f"Column {column} " in refused["detail"]


async def test_a_custom_field_without_its_colon_is_a_mistake(owner: httpx.AsyncClient) -> None:
    assert problem(await owner.get(TASKS, params={"filter": "field.cost<3"})) == INVALID


async def test_a_mistake_repeats_nothing_of_what_was_written(owner: httpx.AsyncClient) -> None:
    for text in ("hunter2:x", "status:hunter2!", "due:hunter2", '"hunter2', "is:hunter2"):
        assert "hunter2" not in (await owner.get(TASKS, params={"filter": text})).json()["detail"]


async def test_what_is_too_long_or_unreadable_is_refused_by_its_form(owner: httpx.AsyncClient) -> None:
    for text in ("a" * 2001, "a\0b"):
        assert problem(await owner.get(TASKS, params={"filter": text})) == (422, "validation_error")
    assert (await owner.get(TASKS, params={"filter": "a" * 2000})).status_code == 200


async def test_the_largest_filter_that_may_be_is_asked(tasks: None, owner: httpx.AsyncClient) -> None:
    widest = " OR ".join(f"title:x{n}" for n in range(MAX_TERMS))
    assert await found(owner, f"({widest})") == []
    deepest = "-(" * (MAX_DEPTH // 2) + "login" + ")" * (MAX_DEPTH // 2)
    assert await found(owner, deepest) == ["Release or not", 'Say "hi" \\o/']


def test_no_text_costs_more_than_a_reader_would_wait_for() -> None:
    """Signs alone, each text of the greatest length: one that made it backtrack would take seconds by itself."""
    columns = []
    began = time.process_time()
    for piece in ("(", ")", '"', "\\", "-", "a:", "a ", ",", "<", '"\\', "OR ", "a:b,", "(-", "NOT ", " ", "-(a", "é"):
        text = (piece * 2000)[:2000]
        try:
            read(text)
        except Mistake as mistake:
            columns.append(mistake.column)
    assert time.process_time() - began < 5
    assert len(columns) > 10
    assert set(columns) <= set(range(1, 2002))


def test_the_fields_of_a_filter_are_known_before_their_meaning() -> None:
    assert names_in(read("field.severity:high (a OR -due:today)")) == {"field.severity", "due"}


async def test_behind_a_share_link_there_is_no_me_and_nobody_has_a_name(
    tasks: None, owner: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    link = (await owner.post("/api/v1/projects/WEB/share-links", json={})).json()
    path = f"/api/v1/shared/{link['token']}/tasks"
    shown = await client.get(path, params={"filter": "login -is:closed created:today"})
    assert titles(shown) == ["Fix login"]
    for text in ("assignee:me", "creator:maria", "-assignee:@maria"):
        assert problem(await client.get(path, params={"filter": text})) == INVALID
    assert titles(await client.get(path, params={"filter": "assignee:none status:todo"})) == ["Release or not"]


async def test_others_tasks_are_found_by_no_filter(
    tasks: None, make: Factory, client_for: ClientFor, owner: httpx.AsyncClient
) -> None:
    stranger = client_for(await make.user("stranger"))
    for text in ("key:WEB-1", "project:WEB", "login OR -login", "assignee:maria"):
        assert titles(await stranger.get(ALL, params={"filter": text})) == []


async def test_fields_of_run_time_are_named_by_their_types(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, tables: Any
) -> None:
    """As a project's custom fields will be: an entry among the fields, and nothing else."""
    size, day = "char_length(tasks.title)", "tasks.due_on"
    fields: dict[str, Field] = {
        "field.size": Field(float, {ANY: any_of(size, "float8"), BEFORE: compares(f"{size} < $?::float8")}),
        "field.on": Field(date, {BEFORE: compares(f"{day} < $?::date"), SINCE: compares(f"{day} >= $?::date")}),
        "field.name": Field(str, {ANY: any_of("tasks.title", "text"), Operator.EMPTY: holds("tasks.title = ''")}),
        "field.level": Field(Priority, {ANY: any_of("tasks.priority", "task_priority")}),
        "field.long": Field(bool, {Operator.HOLDS: holds(f"{size} > 3")}),
        "field.who": Field(UUID, {ANY: any_of("tasks.created_by", "uuid")}),
    }
    names = {**NAMES, **{name: name_of(name, field) for name, field in fields.items()}}
    await make.task(web, "abc", due_on="2026-03-11", priority="high")
    await make.task(web, "abcdef")
    standpoint = Standpoint(datetime(2026, 3, 10, tzinfo=UTC), ZoneInfo("UTC"), web.owner.id)

    async def matching(text: str) -> list[str]:
        condition = compiled(filter_in(text, standpoint, "/query/filter", names), {**FIELDS, **fields})
        statement = prepare_text(f"SELECT title FROM tasks WHERE {condition.sql} ORDER BY title", row=One[str])
        return [row["title"] for row in await tables.fetch(statement.sql, *statement.arguments(condition.values))]

    for text, expected in {
        "field.size:3": ["abc"],
        "field.size:<=6 title:f": ["abcdef"],
        "field.on:tomorrow": ["abc"],
        "field.name:abc,abcdef -field.level:high": ["abcdef"],
        "has:field.name field.long:true": ["abcdef"],
        "field.long:no field.who:me": ["abc"],
        f"-field.who:{web.owner.id}": [],
    }.items():
        assert await matching(text) == expected, text
    for text, says in {
        "field.long:perhaps": "true or false",
        "field.who:ana": "me or a user's id",
        "field.level:>high": "no order",
        "field.siez:3": "did you mean field.size?",
    }.items():
        with pytest.raises(InvalidFilter, match=says.replace("?", r"\?")):
            await matching(text)


@pytest.mark.parametrize("query", [{"label": "\0"}, {"field.cost": "\0"}, {"filter": "title:\0"}])
async def test_a_nul_is_found_nowhere(query: dict[str, str], web: MadeProject, owner: httpx.AsyncClient) -> None:
    for path in ("/api/v1/tasks", "/api/v1/projects/WEB/tasks"):
        assert problem(await owner.get(path, params=query))[0] == 422
