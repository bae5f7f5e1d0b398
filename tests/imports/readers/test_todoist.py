"""Todoist: the CSV of a project, the backup of several, and what its API answers."""

from datetime import UTC, date, datetime

import pytest

from taskapi.imports.records import ImportedPerson, ImportedReminder, NotThatFormat
from tests.imports.readers.reading import SAMPLES, TAKING_ALL, read, sample, zipped

ANA = ImportedPerson("Ana Weber", None, "1001")
BEN = ImportedPerson("Ben Okafor", None, "1002")
CSV = (SAMPLES / "todoist.csv").read_bytes()
HEAD = "TYPE,CONTENT,PRIORITY,INDENT,DATE,DATE_LANG\n"


def test_a_csv_becomes_tasks() -> None:
    tasks, problems = read("todoist", CSV, TAKING_ALL)
    assert [(problem.line, problem.column, problem.is_lost) for problem in problems] == [(11, "DATE", False)]
    milk = tasks[0]
    assert (milk.line, milk.title, milk.description) == (3, "Buy milk", "Two *cartons*")
    assert (milk.labels, milk.priority, milk.status) == (("errands", "home"), "urgent", None)
    assert (milk.created_by, milk.assignees) == (ANA, (BEN,))
    assert milk.due_at == datetime(2026, 8, 13, 16, 30, tzinfo=UTC)
    assert [(each.author, each.at, each.body) for each in milk.comments] == [
        (BEN, datetime(2026, 8, 10, 9, tzinfo=UTC), "Remember the organic one"),
        (ANA, None, "The list: [list.pdf](https://files.example.org/list.pdf)"),
    ]
    assert [task.status for task in tasks[1:]] == ["This week"] * 5
    assert [task.priority for task in tasks] == ["urgent", "none", "high", "medium", "none", "none"]


def test_indents_say_what_is_a_part_of_what() -> None:
    tasks, _ = read("todoist", CSV)
    by_id = {task.external_id: task.title for task in tasks}
    assert [by_id.get(task.parent or "") for task in tasks] == [
        *(None, None, "Water the plants", "Check the soil", None, None),
    ]
    assert len(by_id) == len(tasks)


def test_a_step_left_out_hangs_below_the_nearest() -> None:
    tasks, _ = read("todoist", f"{HEAD}task,a,,1,,\ntask,b,,4,,\ntask,c,,3,,\ntask,d,,2,,\n")
    a = tasks[0].external_id
    assert [task.parent for task in tasks] == [None, a, a, a]


def test_the_same_file_gives_the_same_ids() -> None:
    first, second = (read("todoist", CSV)[0] for _ in range(2))
    assert [task.external_id for task in first] == [task.external_id for task in second]


def test_words_that_repeat_are_rules_where_they_are_understood() -> None:
    tasks, _ = read("todoist", CSV, TAKING_ALL)
    rules = [task.recurrence and task.recurrence["rule"] for task in tasks]
    assert rules == [None, "FREQ=WEEKLY;INTERVAL=2", None, None, None, None]
    assert [task.fields.get("Repeats") for task in tasks] == [None, None, None, None, "jeden Samstag", None]
    assert tasks[1].due_on is not None
    assert (tasks[2].due_on, tasks[2].fields) == (date(2026, 9, 1), {"Deadline": "2026-09-05"})


def test_a_backup_is_one_project_after_the_other() -> None:
    other = f"{HEAD}task,Send the invoice,1,1,,\n"
    tasks, _ = read("todoist", zipped({"Home [220].csv": CSV, "../../Work [221].csv": other, "readme.txt": "no"}))
    assert [task.labels for task in tasks] == [("errands", "home", "Home"), *[("Home",)] * 5, ("Work",)]
    assert len({task.external_id for task in tasks}) == 7


def test_a_backup_of_one_project_labels_nothing() -> None:
    tasks, _ = read("todoist", zipped({"Home [220].csv": CSV}))
    assert tasks[1].labels == ()


def test_a_file_of_a_backup_that_is_none_costs_itself_alone() -> None:
    tasks, problems = read("todoist", zipped({"Notes.csv": "a,b\n1,2\n", "Home.csv": f"{HEAD}task,One,,,,\n"}))
    assert [task.title for task in tasks] == ["One"]
    assert [(problem.code, "Notes.csv" in problem.detail) for problem in problems] == [("damaged", True)]


def test_wrong_cells_cost_no_task() -> None:
    tasks, problems = read("todoist", f"{HEAD}task,One,9,99,,\nnote,Two\ntask, ,1,1,,\nchore,x\n")
    assert [(task.title, task.priority, task.parent) for task in tasks] == [("One", "none", None)]
    assert [(problem.line, problem.column, problem.code) for problem in problems] == [
        (2, "INDENT", "invalid_value"),
        (2, "PRIORITY", "invalid_value"),
        (4, "CONTENT", "missing_title"),
        (5, "TYPE", "invalid_value"),
    ]


def test_a_comment_before_every_task_has_no_place() -> None:
    _, problems = read("todoist", f"{HEAD}note,Of the project,,,,\ntask,One,,,,\n")
    assert [(problem.line, problem.code) for problem in problems] == [(2, "no_task")]


def test_an_answer_of_its_api_becomes_tasks() -> None:
    tasks, problems = read("todoist", sample("todoist-sync.json"), TAKING_ALL)
    assert problems == []
    assert [(task.line, task.external_id, task.status) for task in tasks] == [
        *((2, "i2", "Now"), (1, "i1", "Later"), (3, "i3", None)),
    ]
    plumber, plants, invoice = tasks
    assert (plumber.priority, plumber.assignees) == (
        "urgent",
        (ImportedPerson("Ben Okafor", "ben@example.org", "1002"),),
    )
    assert plumber.due_at == datetime(2026, 8, 15, 7, 30, tzinfo=UTC)
    assert plumber.fields == {"Duration": "30 minute", "Deadline": "2026-08-20"}
    assert [(each.external_id, each.body) for each in plumber.comments] == [
        ("n1", "He is on holiday\n\n[card.jpg](https://files.example.org/card.jpg)")
    ]
    assert (plants.due_on, plants.labels, plants.fields) == (*(date(2026, 8, 14), ("green", "Home"), {}),)
    assert (plants.recurrence or {})["rule"] == "FREQ=WEEKLY;INTERVAL=2"
    assert plants.label_colors == {"green": "#65a33a"}
    assert (plants.created_by, plants.priority) == (ImportedPerson("Ana Weber", "ana@example.org", "1001"), "none")
    assert (invoice.completed_at, invoice.parent) == (datetime(2026, 2, 1, 10, tzinfo=UTC), "i2")


def test_reminders_are_theirs_and_before_the_due_date_or_at_an_instant() -> None:
    reminders = [
        {"id": "1", "item_id": "5", "notify_uid": "9", "type": "relative", "minute_offset": 30},
        {"id": "2", "item_id": "5", "notify_uid": "9", "type": "relative", "minute_offset": 10**12},
        {
            "id": "3",
            "item_id": "5",
            "notify_uid": "9",
            "type": "absolute",
            "due": {"date": "2030-01-01T09:00:00", "timezone": "Europe/Vienna"},
        },
        {"id": "4", "item_id": "5", "notify_uid": "9", "type": "location", "name": "home"},
        {"id": "5", "item_id": "5", "notify_uid": "9", "type": "relative", "minute_offset": 5, "is_deleted": True},
    ]
    people = [{"id": "9", "full_name": "Ana", "email": "ana@example.org"}]
    answer = {"items": [{"id": "5", "content": "One"}], "reminders": reminders, "collaborators": people}
    ((task,), problems) = read("todoist", answer)
    ana = ImportedPerson("Ana", "ana@example.org", "9")
    assert task.reminders == [
        ImportedReminder(ana, minutes_before=30),
        ImportedReminder(ana, at=datetime(2030, 1, 1, 8, tzinfo=UTC)),
    ]
    assert [one.column for one in problems] == ["reminders.minute_offset", "reminders.type"]


def test_every_with_a_mark_counts_from_completion() -> None:
    item = {"id": "1", "content": "A", "due": {"date": "2030-01-01", "string": "every! 3 days", "is_recurring": True}}
    ((task,), _) = read("todoist", {"items": [item]}, TAKING_ALL)
    assert task.recurrence is not None
    assert (task.recurrence["rule"], task.recurrence["mode"]) == ("FREQ=DAILY;INTERVAL=3", "completion")
    ((done,), _) = read("todoist", {"items": [{**item, "checked": True}]}, TAKING_ALL)
    assert (done.recurrence, done.fields) == (None, {"Repeats": "every! 3 days"})


def test_a_list_of_tasks_with_labels_by_id_is_read_too() -> None:
    old = {"items": [{"id": 5, "content": "One", "labels": [7], "checked": 1}], "labels": [{"id": 7, "name": "seven"}]}
    ((task,), problems) = read("todoist", old)
    assert (task.external_id, task.labels, problems) == ("5", ("seven",), [])
    assert len(read("todoist", [{"id": "1", "content": "One"}])[0]) == 1


def test_wrong_values_of_an_answer_cost_no_task() -> None:
    items = [{"id": "1", "content": "One", "priority": 9, "due": {"date": "soon"}, "labels": [{}]}, 3, {"id": "2"}]
    tasks, problems = read("todoist", {"items": items})
    assert [(task.title, task.priority, task.due_on) for task in tasks] == [("One", "none", None)]
    assert [(problem.line, problem.column, problem.is_lost) for problem in problems] == [
        (1, "due.date", False),
        (1, "priority", False),
        (1, "labels[0]", False),
        (3, "content", True),
        (2, None, True),
    ]


@pytest.mark.parametrize("content", ["a,b\n1,2\n", '{"projects": []}', zipped({"a.txt": "x"}), ""])
def test_what_is_not_of_todoist_is_refused(content: bytes | str) -> None:
    with pytest.raises(NotThatFormat):
        read("todoist", content)
