"""The finder of mutants, on small source texts."""

from collections.abc import Iterator

import pytest

from tests.mutants import __main__ as trial
from tests.mutants import conditions
from tests.mutants.catalogue import mutants
from tests.mutants.conditions import Found
from tests.mutants.exceptions import EQUIVALENT

IMPORT = "from sqlalchemy import and_, select\n"


def texts(found: Iterator[Found]) -> list[str]:
    return [each.text for each in found]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("select(T).where(T.id == x, T.gone.is_(None))", ["T.id == x", "T.gone.is_(None)"]),
        ("select(T).where(and_(T.a == x, T.b == y))", ["T.a == x", "T.b == y"]),
        ("select(T).where(\n    T.é == 'é',\n    T.b\n    == y,\n)", ["T.é == 'é'", "T.b == y"]),
        ("select(T).join(P, P.id == T.p)", ["P.id == T.p"]),
        ("select(T).outerjoin(P, onclause=and_(P.id == T.p, mine))", ["P.id == T.p", "mine"]),
        ("select(T).join(P)", []),
        ("', '.join(names)", []),
        ("select(T).where(*place)", ["*place"]),
        ("def mine(by):\n    if by == By.ID:\n        return T.id == bindparam('id')\n", ["T.id == bindparam('id')"]),
        ("mine = T.gone.is_(None)\nselect(T).where(mine)", ["mine"]),
        ("mine = T.gone.is_(None)\nselect(T).where(*many(mine))", ["T.gone.is_(None)", "*many(mine)"]),
    ],
)
def test_each_condition_of_a_statement_is_found(source: str, expected: list[str]) -> None:
    assert texts(conditions.conditions(IMPORT + source)) == expected


def test_a_file_without_sql_has_no_conditions() -> None:
    assert not texts(conditions.conditions("found.where(a == b)"))


def test_a_condition_becomes_true_and_keeps_its_parameters() -> None:
    source = IMPORT + "from sqlalchemy import Column, Integer, MetaData, Table, bindparam\n"
    source += 'T = Table("t", MetaData(), Column("id", Integer))\nmade = select(T).where(T.c.id == bindparam("id"))\n'
    (only,) = conditions.conditions(source)
    space: dict[str, object] = {}
    exec(only.of(source), space)
    assert str(space["made"]).endswith("WHERE t.id = :id OR true")


def test_of_many_conditions_in_a_list_each_becomes_true() -> None:
    source = IMPORT + "from sqlalchemy import column\nmany = [column('a') == 1]\nmade = select(1).where(*many)\n"
    (only,) = conditions.conditions(source)
    space: dict[str, object] = {}
    exec(only.of(source), space)
    assert str(space["made"]).endswith("WHERE a = :a_1 OR true")


@pytest.mark.parametrize(
    ("source", "instead"),
    [
        ("if caller.is_admin: pass", "if True: pass"),
        ("caller.is_admin = False", None),
        ("if caller.token_id is None: pass", "if True: pass"),
        ("if scope in caller.scopes: pass", "if True: pass"),
        ("if reach is Reach.TOKEN: pass", "if False: pass"),
        ("verb = 'read' if safe else 'write'", 'verb = "read"'),
        ("if row is None: pass", None),
    ],
)
def test_questions_who_is_asking_are_answered(source: str, instead: str | None) -> None:
    assert [each.of(source) for each in conditions.questions(source)] == ([instead] if instead else [])


@pytest.mark.parametrize("source", ["require(role, needs)", "await permissions.require(role, needs)"])
def test_a_guard_is_not_asked(source: str) -> None:
    (only,) = conditions.calls(source, {"require"})
    assert only.of(source) == "None"
    assert not texts(conditions.calls(f"role = {source}", {"require"}))


def test_a_permission_gives_way_to_the_weakest() -> None:
    source = "find(Permission.TASK_WRITE, Permission.TASK_READ)"
    (only,) = conditions.permissions(source, {"TASK_READ"}, "PROJECT_READ")
    assert only.of(source) == "find(Permission.PROJECT_READ, Permission.TASK_READ)"


def test_every_kind_is_found_in_the_source() -> None:
    found = mutants()
    assert {each.kind for each in found} == {"grant", "condition", "question", "guard", "permission"}
    assert len({(each.file, each.start, each.end, each.text) for each in found}) == len(found)


def test_every_exception_has_a_reason_and_is_still_in_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(EQUIVALENT.values())
    excepted = set(EQUIVALENT)
    monkeypatch.setattr("tests.mutants.catalogue.EQUIVALENT", {})
    assert excepted <= {each.name.partition(" ")[2].partition(" ")[2] for each in mutants()}


@pytest.mark.parametrize("tests", [trial.PROOF, *trial.FIRST.values()])
def test_what_has_to_notice_mutants_is_where_it_is_looked_for(tests: tuple[str, ...]) -> None:
    assert [path for path in tests if not (trial.ROOT / path).exists()] == []
