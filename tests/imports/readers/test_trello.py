"""The export of a Trello board: cards by their lists, with what the board's log tells of each."""

from datetime import UTC, date, datetime
from typing import Any

from taskapi.imports.records import ImportedItem, ImportedPerson
from tests.imports.readers.reading import SAMPLES, TAKING_ALL, at_first, change_of, is_chain, read, sample

ANA = ImportedPerson("Ana Weber", None, "5e0000000000000000000b01")
BEN = ImportedPerson("Ben Okafor", None, "5e0000000000000000000b02")


def board(**more: Any) -> dict[str, Any]:
    return {"lists": [{"id": "l1", "name": "Doing"}], "cards": [{"id": "c1", "name": "One", "idList": "l1"}], **more}


def test_cards_stand_in_the_order_of_their_lists() -> None:
    tasks, problems = read("trello", (SAMPLES / "trello-board.json").read_bytes(), TAKING_ALL)
    assert problems == []
    assert [(task.line, task.title) for task in tasks] == [
        *((3, "Order chairs"), (1, "Write the text"), (2, "Book the hall"), (4, "Hot-air balloon")),
    ]


def test_a_card_brings_all_that_hangs_on_it() -> None:
    tasks, _ = read("trello", sample("trello-board.json"), TAKING_ALL)
    hall = tasks[2]
    assert (hall.external_id, hall.labels, hall.assignees) == (
        *("5e0be1000000000000000c01", ("Event", "red"), (ANA, BEN)),
    )
    assert (hall.start_on, hall.due_at) == (date(2020, 2, 1), datetime(2020, 3, 1, 11, tzinfo=UTC))
    assert hall.description == (
        "For *200* people.\n\n- [plan.pdf](https://trello.com/1/cards/c/attachments/f1/download/plan.pdf)\n"
        "- [Hall (big)](https://hall.example.org/)"
    )
    assert hall.checklist == [
        ImportedItem("Before: Ask for prices", is_done=True),
        ImportedItem("Before: Sign"),
        ImportedItem("After: Thank them"),
    ]
    assert [(each.external_id, each.author, each.body) for each in hall.comments] == [
        ("a6", BEN, "They offer **Friday**")
    ]
    assert hall.fields == {"Price": "1200", "City": "Graz"}
    assert (hall.created_at, hall.created_by) == (datetime(2020, 1, 30, 10, tzinfo=UTC), ANA)


def test_the_log_is_its_history_with_lists_as_they_are_called_now() -> None:
    tasks, _ = read("trello", sample("trello-board.json"))
    hall = tasks[2]
    assert all(is_chain(task) for task in tasks)
    assert [change.changes["status"] for change in hall.history if "status" in change.changes] == [
        ["Backlog", "Doing"],
        ["Doing", "Done"],
    ]
    assert (at_first(hall, "title"), at_first(hall, "assignees"), at_first(hall, "due_at")) == (
        *("Book a hall", (ANA,), None),
    )


def test_what_is_complete_is_done_and_what_was_put_away_is_archived() -> None:
    tasks, _ = read("trello", sample("trello-board.json"), TAKING_ALL)
    assert [(task.status, task.category, task.fields.get("List")) for task in tasks] == [
        ("Archived", "cancelled", "Doing"),
        ("Done", "done", "Doing"),
        ("Done", "done", None),
        ("Archived", "cancelled", "Old ideas"),
    ]
    away, written, _, balloon = tasks
    assert change_of(away, "status").changes == {"status": ["Doing", "Archived"]}
    assert (change_of(written, "status").at, balloon.history) == (datetime(2020, 2, 4, 10, tzinfo=UTC), [])


def test_a_card_without_a_log_was_made_when_its_id_says() -> None:
    tasks, _ = read("trello", sample("trello-board.json"))
    assert tasks[3].created_at == datetime(2020, 1, 1, tzinfo=UTC)


def test_who_left_the_board_is_known_by_their_id() -> None:
    tasks, _ = read("trello", sample("trello-board.json"))
    assert tasks[3].assignees == (ImportedPerson(None, None, "5e0000000000000000000b99"),)


def test_fields_that_somebody_made_are_told_of_where_they_are_not_asked_for() -> None:
    tasks, problems = read("trello", sample("trello-board.json"))
    assert {problem.column for problem in problems} == {"List", "Price", "City"}
    assert [task.fields for task in tasks] == [{}, {}, {}, {}]


def test_a_log_that_contradicts_the_card_is_mended() -> None:
    actions = [
        {"id": "2", "type": "updateCard", "date": "2020-01-02T00:00:00Z",
         "data": {"card": {"id": "c1", "name": "Two"}, "old": {"name": "Zero"}}},
        {"id": "1", "type": "updateCard", "date": "2020-01-01T00:00:00Z",
         "data": {"card": {"id": "c1"}, "old": {"idList": "l9"}, "listBefore": {"id": "l9", "name": "Gone"}}},
    ]  # fmt: skip
    ((task,), problems) = read("trello", board(actions=actions))
    assert problems == []
    assert is_chain(task)
    assert [change.changes for change in task.history] == [
        {"status": ["Gone", "Doing"]},
        {"title": ["Zero", "Two"]},
        {"title": ["Two", "One"]},
    ]


def test_a_very_long_name_stands_whole_in_the_description() -> None:
    name = "word " * 200
    ((task,), _) = read("trello", board(cards=[{"id": "c1", "name": name, "desc": "More"}]))
    assert (len(task.title), task.description) == (500, f"{name.strip()}\n\nMore")


def test_wrong_values_cost_no_card() -> None:
    wrong = {"name": "One", "id": 7, "idList": [], "due": "never", "idMembers": {}, "closed": "no", "attachments": [1]}
    tasks, problems = read("trello", board(cards=[wrong, 5, {"id": "c2", "name": ""}], checklists=[1], actions=["x"]))
    assert [(task.title, task.external_id) for task in tasks] == [("One", "7")]
    assert {problem.column for problem in problems if not problem.is_lost} == {
        *("idList", "due", "idMembers", "closed", "attachments[0]"),
    }
    assert [(problem.line, problem.code) for problem in problems if problem.is_lost] == [
        (3, "missing_title"),
        (2, "unreadable"),
    ]


def test_a_comment_longer_than_ours_becomes_two() -> None:
    data = {"card": {"id": "c1"}, "text": "é" * 40_000}
    actions = [{"id": "a", "type": "commentCard", "date": "2020-01-02T00:00:00Z", "data": data}]
    ((task,), _) = read("trello", board(actions=actions))
    assert [(each.external_id, len(each.body)) for each in task.comments] == [("a", 32_768), ("a/2", 7_232)]
