"""The export of a user of Vikunja: a ZIP archive with `data.json`."""

from datetime import UTC, date, datetime

import pytest

from taskapi.imports.records import ImportedLink, ImportedPerson, ImportedReminder, NotThatFormat
from tests.imports.readers.reading import SAMPLES, TAKING_ALL, read, sample, zipped

DATA = (SAMPLES / "vikunja-data.json").read_bytes()
EXPORT = zipped({"data.json": DATA, "filters.json": "[]", "VERSION": "v2.1.0", "files/77": "a picture"})


def test_an_export_becomes_tasks() -> None:
    (fence, paint, house), problems = read("vikunja", EXPORT, TAKING_ALL)
    assert problems == []
    assert (fence.line, fence.external_id, fence.title) == (1, "1", "Paint the fence")
    assert fence.description == "With **green** paint\n\n- [x] buy it"
    assert (fence.status, fence.category, fence.priority) == ("Next up", None, "urgent")
    assert (fence.start_on, fence.due_at) == (date(2024, 4, 1), datetime(2024, 5, 1, 12, tzinfo=UTC))
    assert fence.assignees == (ImportedPerson("ben", None, "2"),)
    assert fence.created_by == ImportedPerson("Ana Weber", None, "1")
    assert fence.labels == ("garden", "Home")
    assert fence.links == [ImportedLink("duplicates", "9"), ImportedLink("blocks", "4")]
    assert [(each.external_id, each.body) for each in fence.comments] == [("31", "Not *too* dark")]
    assert fence.fields == {"Percent done": "50", "Ends": "2024-05-03T12:00:00+00:00"}
    assert fence.recurrence == {
        "rule": "FREQ=WEEKLY;INTERVAL=2",
        "mode": "schedule",
        "exdates": [],
        "timezone": "UTC",
        "occurrence": 1,
        "time_of_day": "12:00:00",
    }
    assert fence.reminders == [ImportedReminder(None, minutes_before=1440)]
    assert [(file.name, file.member) for file in fence.files] == [("fence.jpg", "files/77")]
    assert fence.label_colors == {"garden": "#00ff00"}
    assert (paint.parent, paint.status, paint.category) == ("1", "Over", "done")
    assert paint.completed_at == datetime(2024, 2, 1, 9, tzinfo=UTC)
    assert (house.line, house.labels, house.due_at) == (3, ("Work",), datetime(2025, 1, 1, 10, tzinfo=UTC))
    assert (house.status, house.fields) == (None, {})
    assert (house.recurrence or {})["rule"] == "FREQ=MONTHLY"


def test_the_data_by_itself_is_read_too() -> None:
    packed, (alone, problems) = read("vikunja", EXPORT, TAKING_ALL), read("vikunja", DATA, TAKING_ALL)
    assert (alone[1:], problems) == (packed[0][1:], packed[1])
    # Whose files are not there are named.
    assert (alone[0].files, alone[0].fields["Attachments"]) == ([], "fence.jpg")


def test_what_repeats_in_no_days_or_without_a_date_stays_words() -> None:
    tasks = [
        {"id": 1, "title": "Hourly", "repeat_after": 3600, "due_date": "2030-01-01T10:00:00Z"},
        {"id": 2, "title": "From now", "repeat_after": 86400, "repeat_mode": 2, "due_date": "2030-01-01T10:00:00Z"},
        {"id": 3, "title": "Undated", "repeat_after": 86400, "repeat_mode": 2},
        {"id": 4, "title": "Endless", "repeat_after": 86400 * 10**12, "due_date": "2030-01-01T10:00:00Z"},
    ]
    (hourly, from_now, undated, endless), _ = read("vikunja", [{"id": 1, "title": "P", "tasks": tasks}], TAKING_ALL)
    assert (hourly.recurrence, hourly.fields) == (None, {"Repeats": "every 3600 seconds"})
    assert from_now.recurrence is not None
    assert (from_now.recurrence["mode"], from_now.fields) == ("completion", {})
    assert (undated.recurrence, undated.fields) == (None, {"Repeats": "FREQ=DAILY after it was done"})
    assert endless.recurrence is None
    assert endless.fields


def test_a_reminder_of_no_due_date_is_at_its_instant() -> None:
    reminders = [
        {"reminder": "2030-01-01T09:00:00Z", "relative_period": -3600, "relative_to": "start_date"},
        {"reminder": "2030-01-01T08:00:00Z", "relative_period": -(10**12), "relative_to": "due_date"},
        {"reminder": "0001-01-01T00:00:00Z", "relative_period": 0, "relative_to": ""},
    ]
    task = {"id": 1, "title": "One", "due_date": "2030-01-01T10:00:00Z", "reminders": reminders}
    ((found,), _) = read("vikunja", [{"id": 1, "title": "P", "tasks": [task]}])
    assert [one.at for one in found.reminders] == [datetime(2030, 1, 1, hour, tzinfo=UTC) for hour in (9, 8)]


def test_a_done_task_in_an_open_bucket_is_done() -> None:
    data = sample("vikunja-data.json")
    data[0]["task_buckets"][1]["bucket_id"] = 21
    (_, paint, _), _ = read("vikunja", data)
    assert (paint.status, paint.category) == (None, None)
    assert paint.completed_at is not None


def test_buckets_of_older_exports_stand_in_the_task() -> None:
    buckets = [{"id": 5, "title": "Now"}]
    old = [{"id": 1, "title": "P", "tasks": [{"id": 1, "title": "One", "bucket_id": 5}], "buckets": buckets}]
    ((task,), _) = read("vikunja", old)
    assert (task.status, task.labels) == ("Now", ())


def test_wrong_values_cost_no_task() -> None:
    tasks = [
        {"id": "1", "title": "One", "priority": 77, "due_date": "later", "labels": 5, "done": "x"},
        None,
        {"id": 2},
    ]
    found, problems = read("vikunja", [{"id": 1, "title": "P", "tasks": tasks}])
    assert [(task.title, task.priority) for task in found] == [("One", "none")]
    assert {problem.column for problem in problems if not problem.is_lost} == {"priority", "due_date", "labels", "done"}
    assert [(problem.line, problem.code) for problem in problems if problem.is_lost] == [
        (3, "missing_title"),
        (2, "unreadable"),
    ]


@pytest.mark.parametrize(
    "content", [zipped({"other.json": "[]"}), "[]", "{}", '[{"id": 1}]', b"PK\x03\x04 cut", EXPORT[:-90]]
)
def test_what_is_not_of_vikunja_is_refused(content: bytes | str) -> None:
    with pytest.raises(NotThatFormat):
        read("vikunja", content)
