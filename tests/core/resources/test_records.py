"""What a record needs and is not given, or does not know, is an error where it is made: at the import."""

from typing import Any

import pytest
from sqlalchemy import func
from sqlalchemy.exc import CompileError

from taskapi.core.fields import Instant, Patch
from taskapi.core.lists.sorting import SortColumn
from taskapi.core.resources.document import changes_of
from taskapi.core.resources.records import Record
from taskapi.models import Label, Member
from taskapi.projects.labels.errors import LabelNameTaken

GIVEN = ("id", "project_id", "name", "color", "created_at")


def record(model: Any = Label, **differently: Any) -> Record:
    arguments: dict[str, Any] = {
        "fields": {"id": Label.id, "name": Label.name},
        "within": "project_id",
        "given": GIVEN,
        "sorts": {"name": SortColumn(Label.name)},
        **differently,
    }
    return Record("label", model, **arguments)


def test_a_column_that_nobody_gives_a_value_is_found() -> None:
    with pytest.raises(TypeError, match=r"nothing gives \['color'\] a value"):
        record(given=[name for name in GIVEN if name != "color"])


@pytest.mark.parametrize("wrong", [{"given": (*GIVEN, "colour")}, {"within": "colour"}])
def test_a_column_that_the_table_does_not_have_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"the table has no columns \['colour'\]"):
        record(**wrong)


def test_a_table_without_an_id_is_no_record() -> None:
    with pytest.raises(TypeError, match=r"the table has no columns \[.*'id'"):
        record(Member)


def test_a_conflict_names_a_constraint_of_the_table() -> None:
    with pytest.raises(TypeError, match=r"the table has no constraints \['uq_labels_nam'\]"):
        record(conflicts={"uq_labels_nam": lambda: LabelNameTaken("")})


def test_what_it_is_sorted_by_has_a_type() -> None:
    with pytest.raises(CompileError, match="type"):
        record(sorts={"name": SortColumn(func.lower(Label.name))})


def test_a_change_of_an_unknown_column_is_refused() -> None:
    for statement in (record().change, record().change_all):
        with pytest.raises(TypeError, match="no columns"):
            statement(frozenset({"colour"}))


def test_a_shape_is_compiled_once() -> None:
    made = record()
    assert made.page("-name", 50, continues=True) is made.page("-name", 50, continues=True)
    assert made.change(frozenset({"name", "color"})) is made.change(frozenset({"color", "name"}))
    assert made.change(frozenset({"name"})) is not made.change(frozenset({"color"}))


def test_its_statements_stay_in_their_place() -> None:
    made = record()
    for statement in (made.find, made.lock, made.remove, made.change(frozenset({"name"}))):
        assert {"of_id", "of_place"} <= statement.names
    assert made.count.names == {"of_place"}
    assert "of_place" in made.change_all(frozenset({"name"})).names
    assert made.create.names == set(GIVEN)


class _Patch(Patch):
    at: Instant | None = None
    name: str = ""


def test_json_is_compared_with_json() -> None:
    """An instant that is the same in another writing is the same."""
    before = {"at": "2026-01-31T12:00:00.000000Z", "name": "x"}
    assert changes_of(before, _Patch.model_validate({"at": "2026-01-31T13:00:00+01:00"})) == {}
    assert changes_of(before, _Patch.model_validate({"name": "x"})) == {}
    assert changes_of(before, _Patch.model_validate({"at": None, "name": "y"})) == {"at": None, "name": "y"}
    later = changes_of(before, _Patch.model_validate({"at": "2026-01-31T12:00:01Z"}))
    assert later["at"].second == 1, "the database gets the value, not its JSON"
