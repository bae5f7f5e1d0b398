"""Files that are cut, wrong, hostile or very large, in every format: what can be read is, and the rest is told of."""

import gzip
import json
import random
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from io import BytesIO
from typing import Any, Final

import pytest

from taskapi.imports import archives, documents
from taskapi.imports.markup import adf, html, wiki
from taskapi.imports.records import ImportedTask, NotThatFormat, Reading
from tests.imports.readers.reading import READERS, TAKING_ALL, read, sample, zipped

Make = Callable[..., dict[str, Any]]
"""One task of the format, with more members, in the words of that format."""
# Of each format: a task, a file of several, and the members that hold a title, a number and what it hangs below.
SHAPES: Final[dict[str, tuple[Make, Callable[[list[Any]], Any], dict[str, str]]]] = {
    "jira": (
        lambda id_, title, **more: {"key": id_, "fields": {"summary": title, **more}},
        lambda tasks: {"startAt": 0, "issues": tasks},
        {"number": "timeoriginalestimate", "text": "description"},
    ),
    "todoist": (
        lambda id_, title, **more: {"id": id_, "content": title, **more},
        lambda tasks: {"items": tasks},
        {"number": "priority", "text": "description"},
    ),
    "trello": (
        lambda id_, title, **more: {"id": id_, "name": title, "idList": "l", **more},
        lambda tasks: {"lists": [{"id": "l", "name": "Doing"}], "cards": tasks},
        {"number": "closed", "text": "desc"},
    ),
    "vikunja": (
        lambda id_, title, **more: {"id": id_, "title": title, **more},
        lambda tasks: [{"id": 1, "title": "P", "tasks": tasks}],
        {"number": "priority", "text": "description"},
    ),
}
FORMS: Final = pytest.mark.parametrize("form", SHAPES)


def written(form: str, *tasks: dict[str, Any]) -> str:
    return json.dumps(SHAPES[form][1](list(tasks)))


def some(form: str, count: int, **more: Any) -> list[dict[str, Any]]:
    return [SHAPES[form][0](str(number), f"Task {number}", **more) for number in range(1, count + 1)]


@FORMS
def test_of_a_file_that_was_cut_the_beginning_is_read(form: str) -> None:
    whole = written(form, *some(form, 100))
    tasks, problems = read(form, whole[: len(whole) // 2])
    assert 30 < len(tasks) < 60
    assert [(problem.line, problem.code, problem.is_lost) for problem in problems] == [
        (len(tasks) + 1, "damaged", True),
    ]


@FORMS
def test_of_a_packed_file_that_was_cut_the_beginning_is_read(form: str) -> None:
    packed = gzip.compress(written(form, *some(form, 6_000)).encode())
    tasks, problems = read(form, packed[: len(packed) // 2])
    assert len(tasks) > 1000
    assert [problem.code for problem in problems] == ["damaged"]


@FORMS
@pytest.mark.parametrize("bad", [b"\xff", b"\\ud800", b"\\u0000"], ids=["byte", "half of a pair", "NUL"])
def test_what_is_no_text_is_replaced_and_told_of(form: str, bad: bytes) -> None:
    content = written(form, *some(form, 2)).encode().replace(b"Task 1", b"Task " + bad)
    (first, second), problems = read(form, content)
    assert (first.title, second.title) == ("Task \N{REPLACEMENT CHARACTER}", "Task 2")
    assert [(problem.line, problem.code, problem.is_lost) for problem in problems] == [(1, "unreadable", False)]


@FORMS
def test_both_halves_of_a_pair_are_one_character(form: str) -> None:
    content = written(form, *some(form, 1)).replace("Task 1", "\\ud83d\\ude00")
    ((task,), problems) = read(form, content)
    assert (task.title, problems) == ("\N{GRINNING FACE}", [])


@FORMS
@pytest.mark.parametrize(
    "number", ["NaN", "1e999", "-Infinity", "9" * 5000, "9" * 299], ids=["nan", "inf", "-inf", "endless", "long"]
)
def test_a_number_that_is_none_costs_no_task(form: str, number: str) -> None:
    name = SHAPES[form][2]["number"]
    content = written(form, *some(form, 2, **{name: "HERE"})).replace('"HERE"', number)
    tasks, problems = read(form, content)
    assert [task.title for task in tasks] == ["Task 1", "Task 2"]
    assert {(problem.code, (problem.column or "").rpartition(".")[2]) for problem in problems} == {
        ("invalid_value", name),
    }


@FORMS
@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("depth", [201, 900, 950, 200_000])
def test_what_is_nested_too_deep_ends_the_file_and_not_the_process(
    form: str, opens: str, closes: str, depth: int
) -> None:
    deep = opens * depth + "1" + closes * depth
    name = SHAPES[form][2]["text"]
    first, second = some(form, 1)[0], SHAPES[form][0]("2", "Task 2", **{name: "HERE"})
    tasks, problems = read(form, written(form, first, second).replace('"HERE"', deep))
    assert [task.title for task in tasks] == ["Task 1"]
    assert [(problem.line, problem.code) for problem in problems] == [(2, "damaged")]


@FORMS
def test_ids_that_come_twice_and_parents_in_a_circle_are_left_to_who_writes_them(form: str) -> None:
    tasks, problems = read(form, written(form, *some(form, 1), *some(form, 2)))
    assert ([task.external_id for task in tasks], problems) == (["1", "1", "2"], [])


@pytest.mark.parametrize(("form", "name"), [("jira", "parent"), ("todoist", "parent_id")])
def test_parents_in_a_circle_end_nothing(form: str, name: str) -> None:
    make = SHAPES[form][0]
    parents = {"1": "2", "2": "1", "3": "3"}
    tasks = [make(id_, "x", **{name: {"key": up} if form == "jira" else up}) for id_, up in parents.items()]
    found, problems = read(form, written(form, *tasks))
    assert ([task.parent for task in found], problems) == (["2", "1", None], [])


@FORMS
@pytest.mark.parametrize(
    "content", ["", "  \n", "null", "7", '"text"', "no JSON", '{"a": ', b"\x1f\x8b\x08 cut", b"\x00\x01\x02"]
)
def test_what_is_none_of_the_format_is_refused_at_the_first_step(form: str, content: bytes | str) -> None:
    data = content.encode() if isinstance(content, str) else content
    with pytest.raises(NotThatFormat):
        next(READERS[form](BytesIO(data), Reading()))


@FORMS
def test_a_file_of_ten_megabytes_stays_out_of_memory(form: str) -> None:
    name = SHAPES[form][2]["text"]
    prose = " ".join(f"word{number}" for number in range(5000))  # 50 KB: few enough to be traced quickly
    content = written(form, *(SHAPES[form][0](str(n), f"Task {n}", **{name: f"{n} {prose}"}) for n in range(220)))
    assert len(content) > 9_500_000
    file = BytesIO(content.encode())
    tracemalloc.start()
    try:
        count = sum(isinstance(record, ImportedTask) for record in READERS[form](file, Reading()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 220
    assert peak < 4_000_000


@FORMS
def test_a_value_larger_than_any_task_ends_the_file(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LONGEST_VALUE", 100_000)
    large = SHAPES[form][0]("2", "Task 2", **{SHAPES[form][2]["text"]: "x" * 1_000_000})
    tasks, problems = read(form, written(form, *some(form, 1), large))
    assert [task.title for task in tasks] == ["Task 1"]
    assert [(problem.line, problem.code) for problem in problems] == [(2, "damaged")]


@FORMS
def test_a_file_that_unpacks_without_end_is_left(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_CHARACTERS", 150_000)
    whole = written(form, *some(form, 6_000))
    tasks, problems = read(form, gzip.compress(whole.encode()))
    assert 1000 < len(tasks) < 5_900
    assert [problem.code for problem in problems] == ["damaged"]


def test_a_zip_that_unpacks_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_CHARACTERS", 100_000)
    with pytest.raises(NotThatFormat, match="more than 100000 bytes"):
        read("vikunja", zipped({"data.json": b" " * 1_000_000}))


def test_a_zip_with_a_directory_without_end_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_LONGEST_DIRECTORY", 10_000)
    with pytest.raises(NotThatFormat, match="directory"):
        read("todoist", zipped({f"{number}.csv": "" for number in range(500)}))
    monkeypatch.setattr(archives, "_LONGEST_DIRECTORY", 100_000)
    monkeypatch.setattr(archives, "MOST_MEMBERS", 400)
    with pytest.raises(NotThatFormat, match="400 members"):
        read("todoist", zipped({f"{number}.csv": "" for number in range(500)}))


def test_a_zip_whose_bytes_were_changed_is_refused() -> None:
    export = bytearray(zipped({"data.json": written("vikunja", *some("vikunja", 500))}))
    export[200:210] = bytes(10)
    with pytest.raises(NotThatFormat):
        read("vikunja", bytes(export))


def test_a_zip_with_a_password_is_refused() -> None:
    export = bytearray(zipped({"data.json": "[]"}))
    export[6] |= 1
    export[export.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(NotThatFormat, match="cannot be unpacked"):
        read("vikunja", bytes(export))


SAMPLE_OF: Final = {
    "jira": "jira-search.json",
    "todoist": "todoist-sync.json",
    "trello": "trello-board.json",
    "vikunja": "vikunja-data.json",
}
WRONG: Final[tuple[Any, ...]] = (
    *(None, True, 0, -1, 2**70, 10**290, 1.5, float("nan"), float("inf"), "", " ", "x", "\ud800", "\0", "9" * 400),
    *("2024-13-45", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", [], {}, [[]], [{}], {"a": {}}, ["x"]),
    *([None, 1, "s", {}], "zzzzzzzz0000000000000000"),
)


def replaced(value: Any, chance: random.Random, share: float) -> Any:
    """The same with something wrong here and there."""
    if chance.random() < share:
        return chance.choice(WRONG)
    if isinstance(value, dict):
        return {name: replaced(inner, chance, share) for name, inner in value.items()}
    return [replaced(inner, chance, share) for inner in value] if isinstance(value, list) else value


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for each in pair for text in texts_in(each))
    elif isinstance(value, list | tuple):
        yield from (text for each in value for text in texts_in(each))


@FORMS
@pytest.mark.parametrize("share", [0.003, 0.03])
def test_whatever_is_wrong_no_task_holds_what_no_text_can(form: str, share: float) -> None:
    whole, chance = sample(SAMPLE_OF[form]), random.Random(form)
    for _ in range(30):
        content = json.dumps([replaced(one, chance, share) for one in whole] if isinstance(whole, list) else
                             {name: replaced(value, chance, share) for name, value in whole.items()})  # fmt: skip
        with suppress(NotThatFormat):
            tasks, problems = read(form, content, TAKING_ALL)
            told = [*map(asdict, tasks), *map(asdict, problems)]
            for record in told:
                for text in texts_in(record):
                    assert "\0" not in text
                    text.encode()


# Each would take minutes, or end the process, if a reading cost more than the length of the text.
HOSTILE: Final = (
    *("<a" * 40_000, "<!--" * 20_000, "<ul><li>" * 20_000, "<p>" * 40_000, "&" * 100_000, "<![CDATA[" * 10_000),
    *("{{" * 50_000, "*a " * 50_000, "[" * 100_000, "!a." * 50_000, "{code}{noformat}" * 10_000, "|" * 100_000),
    *("{quote}" * 20_000, "??" * 50_000, "_-" * 50_000, "{code:" * 20_000),
)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:10])
def test_no_markup_takes_longer_than_its_length(text: str) -> None:
    for convert in (wiki.to_markdown, html.to_markdown):
        assert isinstance(convert(f"<p>{text}"), str)


def test_a_document_nested_deeper_than_anybody_writes_keeps_its_words() -> None:
    node: dict[str, Any] = {"type": "text", "text": "the word"}
    for _ in range(300):
        node = {"type": "blockquote", "content": [node]}
    assert "the word" in adf.to_markdown({"type": "doc", "content": [node]})
