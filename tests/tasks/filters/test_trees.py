"""Any tree of conditions finds what logic says: a field twice, under OR and NOT, with and without values."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskapi.core.db.statements import One, prepare_text
from taskapi.tasks.filters.ast import EVERY_TASK, And, Clause, Filter, Not, Operator, Or
from taskapi.tasks.filters.compile import compiled
from taskapi.tasks.filters.fields import FIELDS, Field, any_of
from taskapi.tasks.filters.moments import Moment
from tests.support.factory import Factory, MadeProject

ANY, EMPTY, HOLDS, BEFORE, SINCE = Operator.ANY_OF, Operator.EMPTY, Operator.HOLDS, Operator.BEFORE, Operator.SINCE
Item = dict[str, Any]
NOON = Moment(date(2026, 3, 11), datetime(2026, 3, 10, 12, tzinfo=UTC))


@pytest.fixture
async def tasks(web: MadeProject, make: Factory) -> list[Item]:
    """Few tasks that differ in much."""
    parent = await make.task(web, "parent", priority="high")
    return [
        parent,
        await make.task(web, "child", parent_id=parent["id"], status="done", due_on="2026-03-10"),
        await make.task(web, "mine", assignee_ids=[str(web.owner.id)], due_at="2026-03-10T12:00:00Z"),
        await make.task(web, "begun", start_on="2026-03-01", priority="high", status="in_progress"),
        await make.task(web, "late", due_on="2026-03-11", status="cancelled"),
    ]


async def found(tables: Any, tree: Filter, fields: dict[str, Field] | None = None) -> list[str]:
    condition = compiled(tree, fields or FIELDS)
    statement = prepare_text(f"SELECT title FROM tasks WHERE {condition.sql}", row=One[str])
    rows = await tables.fetch(statement.sql, *statement.arguments(condition.values))
    return sorted(row["title"] for row in rows)


def status(*keys: str) -> Clause:
    return Clause("status", ANY, keys)


async def test_a_field_may_come_twice_under_any_connective(tasks: list[Item], tables: Any) -> None:
    assert await found(tables, Or((status("done"), status("cancelled")))) == ["child", "late"]
    assert await found(tables, And((status("done"), status("cancelled")))) == []
    assert await found(tables, And((status("done", "todo"), status("todo", "cancelled")))) == ["mine", "parent"]
    assert await found(tables, And((Not(status("done")), Not(status("todo"))))) == ["begun", "late"]
    due_between = And((Clause("due", SINCE, (NOON,)), Not(Clause("due", SINCE, (Moment(date(2026, 3, 11), NOON.at),)))))
    assert await found(tables, due_between) == []


async def test_what_has_no_answer_fits_the_negation(tasks: list[Item], tables: Any) -> None:
    is_child = Clause("parent", ANY, (UUID(tasks[0]["id"]),))
    assert await found(tables, is_child) == ["child"]
    assert await found(tables, Not(is_child)) == ["begun", "late", "mine", "parent"]
    started = Clause("start", BEFORE, (date(2026, 3, 2),))
    assert await found(tables, Not(started)) == ["child", "late", "mine", "parent"]
    assert await found(tables, Not(Not(started))) == ["begun"]


async def test_nothing_narrows_and_nothing_widens(tasks: list[Item], tables: Any) -> None:
    assert len(await found(tables, EVERY_TASK)) == len(tasks)
    assert await found(tables, Or(())) == []
    assert await found(tables, And((Or(()), EVERY_TASK))) == []


def test_filters_that_differ_in_values_or_order_are_one_statement() -> None:
    both = And((status("done"), Clause("priority", ANY, ("high",))))
    turned = And((Clause("priority", ANY, ("low",)), status("todo")))
    assert compiled(both).sql == compiled(turned).sql
    assert compiled(both).values == {"f0": "high", "f1": "done"}
    assert compiled(status("a", "b")).sql == compiled(status("a", "b", "c", "d")).sql
    assert compiled(status("a")).sql != compiled(status("a", "b")).sql


async def test_a_field_of_run_time_stands_beside_the_others(tasks: list[Item], tables: Any) -> None:
    fields = {**FIELDS, "field.size": Field(float, {ANY: any_of("char_length(tasks.title)", "float8")})}
    assert await found(tables, And((Clause("field.size", ANY, (4.0,)), Not(status("todo")))), fields) == ["late"]


async def test_an_unknown_field_or_operator_is_an_error_and_no_filter() -> None:
    for clause in (Clause("colour", ANY, ("red",)), Clause("status", BEFORE, ("todo",))):
        with pytest.raises(KeyError):
            compiled(clause)


CLAUSES: dict[Clause, Callable[[Item], bool]] = {
    status("todo"): lambda task: task["status"] == "todo",
    status("done", "cancelled"): lambda task: task["status"] in {"done", "cancelled"},
    Clause("open", HOLDS): lambda task: task["completed_at"] is None,
    Clause("priority", ANY, ("high",)): lambda task: task["priority"] == "high",
    Clause("priority", ANY, ("none", "low")): lambda task: task["priority"] in {"none", "low"},
    Clause("parent", EMPTY): lambda task: task["parent_id"] is None,
    Clause("assignee", EMPTY): lambda task: task["assignee_ids"] == [],
    Clause("start", BEFORE, (date(2026, 3, 2),)): lambda task: task["start_on"] is not None,
    Clause("due", EMPTY): lambda task: task["due_on"] is None and task["due_at"] is None,
    Clause("due", BEFORE, (NOON,)): lambda task: task["due_on"] == "2026-03-10",
    Clause("due", SINCE, (NOON,)): lambda task: task["due_on"] == "2026-03-11" or task["due_at"] is not None,
    Clause("completed", EMPTY): lambda task: task["completed_at"] is None,
    Clause("text", Operator.MATCHES, ("child or late",)): lambda task: task["title"] in {"child", "late"},
}


def _joined(trees: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    parts = st.lists(trees, max_size=3).map(tuple)
    return st.one_of(st.builds(And, parts), st.builds(Or, parts), st.builds(Not, trees))


LEAVES: st.SearchStrategy[Filter] = st.sampled_from(list(CLAUSES))
TREES = st.recursive(LEAVES, _joined, max_leaves=12)


def fits(tree: Filter, task: Item) -> bool:
    match tree:
        case Clause():
            return CLAUSES[tree](task)
        case And(parts):
            return all(fits(part, task) for part in parts)
        case Or(parts):
            return any(fits(part, task) for part in parts)
        case Not(part):
            return not fits(part, task)


def clauses(tree: Filter) -> Iterator[Clause]:
    match tree:
        case Clause():
            yield tree
        case And(parts) | Or(parts):
            for part in parts:
                yield from clauses(part)
        case Not(part):
            yield from clauses(part)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES)
async def test_any_tree_finds_what_logic_says(tree: Filter, tasks: list[Item], tables: Any) -> None:
    assert await found(tables, tree) == sorted(task["title"] for task in tasks if fits(tree, task))
    assert len(compiled(tree).values) >= sum(bool(clause.values) for clause in clauses(tree))


async def test_a_text_asks_the_same_wherever_it_stands(tasks: list[Item], tables: Any) -> None:
    """At the first place of a filter it leads to tasks, under OR and NOT each task is asked by itself."""
    late, second = (Clause("text", Operator.MATCHES, (text,)) for text in ("late", "WEB-2"))
    assert await found(tables, late) == await found(tables, And((late, Or((late,))))) == ["late"]
    assert await found(tables, Or((late, second))) == ["child", "late"]
    assert await found(tables, Not(late)) == ["begun", "child", "mine", "parent"]
    assert await found(tables, And((Not(second), Not(And((late, status("cancelled"))))))) == ["begun", "mine", "parent"]
    assert "OFFSET 0" in compiled(Not(late)).sql
    assert "OFFSET 0" not in compiled(And((late, And((late,))))).sql
