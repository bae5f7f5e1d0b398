"""What the benchmarks rest on, where a mistake would give wrong figures instead of an error."""

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from benchmarks import enumeration, invented, pgbench, replay, report, tracker
from benchmarks.connection import Answer, parse, request
from benchmarks.dataset import Dataset
from benchmarks.round_trips import MessageCounter

from taskapi.core import embedded


def message(kind: bytes, payload: bytes = b"") -> bytes:
    return kind + (len(payload) + 4).to_bytes(4) + payload


def issue(**fields: Any) -> dict[str, Any]:
    return {
        "key": "WEB-1",
        "summary": "After",
        "description": None,
        "status": "Closed",
        "priority": "Major",
        "reporter": "ada",
        "assignee": "gmarsh",
        "due": "2014-08-15",
        "comments": [],
        "changes": [],
        **fields,
    }


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_counts_messages_that_wait_for_an_answer_however_they_are_cut(size: int) -> None:
    startup = (8).to_bytes(4) + b"QQQQ"
    sent = startup + message(b"Q", b"BEGIN\0") + message(b"B", b"SSS") + message(b"E") + message(b"S")
    counter = MessageCounter()
    for start in range(0, len(sent), size):
        counter.feed(sent[start : start + size])
    assert counter.trips == 2


def test_finds_how_an_issue_began() -> None:
    changes = [
        {"at": "2014-02-01", "by": "bo", "items": [{"field": "status", "from": "Resolved", "to": "Closed"}]},
        {
            "at": "2014-01-01",
            "by": "ada",
            "items": [
                {"field": "summary", "from": " Before\t", "to": "After"},
                {"field": "status", "from": "Open", "to": "Resolved"},
                {"field": "duedate", "from": None, "to": "2014-08-15 00:00:00.0"},
                {"field": "assignee", "from": None, "to": "Grace Marsh"},
                {"field": "Link", "from": None, "to": "WEB-2"},
            ],
        },
    ]
    (found,) = tracker.understand([issue(changes=changes)]).issues
    assert (found.initial["title"], found.initial["status"], found.initial["due_on"]) == ("Before", "todo", None)
    assert found.initial["assignee"] is None
    assert [step.person for step in found.steps] == ["ada", "bo"]
    assert found.steps[0].changes["assignee"] == "gmarsh"
    assert found.steps[1].changes == {"status": "done"} == {"status": found.final["status"]}


def test_changes_that_do_not_lead_to_the_end_get_a_last_step() -> None:
    changes = [{"at": "2014-01-01", "by": "bo", "items": [{"field": "priority", "from": "Minor", "to": "Blocker"}]}]
    history = tracker.understand([issue(changes=changes)])
    (found,) = history.issues
    assert found.initial["priority"] == "low"
    assert found.steps == (
        tracker.Step("bo", {"priority": "urgent"}),
        tracker.Step("ada", {"priority": "medium"}),
    )
    assert list(history.oddities.elements()) == [
        "issues whose changes do not lead to their end, which a last step of ours reaches"
    ]


def test_what_leads_to_its_end_counts_no_oddity() -> None:
    assert not tracker.understand([issue()]).oddities


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Received", "todo"),
        ("Under Review", "in_progress"),
        ("QA_verified", "done"),
        ("Closed as duplicate", "cancelled"),
        ("Icebox", "backlog"),
        ("Xyzzy", "todo"),
    ],
)
def test_guesses_a_status_and_says_so(theirs: str, ours: str) -> None:
    history = tracker.understand([issue(status=theirs)])
    assert history.issues[0].final["status"] == ours
    assert [theirs in oddity for oddity in history.oddities] == [True]


def test_takes_a_status_for_what_it_is_told_to_be() -> None:
    history = tracker.understand(
        [issue(status="Received"), issue(key="WEB-2")], {"Received": "backlog", "Closed": "todo"}
    )
    assert [found.final["status"] for found in history.issues] == ["backlog", "todo"]
    assert not history.oddities


def test_changes_by_nobody_are_made_by_the_reporter() -> None:
    items = [{"field": "summary", "from": "Before", "to": "After"}]
    history = tracker.understand([issue(changes=[{"at": "2014-01-01", "by": None, "items": items}])])
    assert history.issues[0].steps == (tracker.Step("ada", {"title": "After"}),)
    assert history.oddities == {"changes by nobody known, made by the issue's reporter": 1}


def test_an_issue_of_nobody_is_reported_by_the_projects_owner() -> None:
    history = tracker.understand(
        [issue(reporter=None), issue(key="WEB-2", reporter="bo"), issue(key="APP-1", reporter=None)]
    )
    assert [found.reporter for found in history.issues] == ["bo", "bo", "nobody"]
    assert history.owners == {"WEB": "bo", "APP": "nobody"}
    assert {"bo", "nobody"} <= set(history.people)


def test_somebody_of_whom_there_is_only_a_name_is_a_person_too() -> None:
    items = [{"field": "assignee", "from": "Somebody Else", "to": None}]
    history = tracker.understand([issue(assignee=None, changes=[{"at": "2014-01-01", "by": "ada", "items": items}])])
    assert history.issues[0].initial["assignee"] == "Somebody Else"
    assert "Somebody Else" in history.people
    assert history.oddities == {"people of whom there is only a name": 1}


def test_lines_that_lack_something_are_taken_without_it() -> None:
    history = tracker.understand([{"key": "web-1", "changes": [{"items": [{"field": "status"}]}]}])
    (found,) = history.issues
    assert (found.project, found.final["title"], found.final["status"], found.final["priority"]) == (
        *("WEB", "(no title)", "todo", "none"),
    )
    assert history.oddities["issues without the field summary"] == 1
    assert history.oddities["changes to no status, left out"] == 1


def test_lines_that_name_no_issue_are_left_out_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "issues.ndjson"
    file.write_text("\n".join([json.dumps(issue()), "{not json", "[]", '{"summary": "x"}', "", json.dumps(issue())]))
    history = tracker.understand(tracker.read(file))
    assert [found.key for found in history.issues] == ["WEB-1"]
    assert history.oddities == {
        "lines left out, for they name no issue": 3,
        "lines left out, for their issue came before": 1,
    }


@pytest.mark.parametrize("field", ["priority", "due", "summary"])
def test_values_that_no_field_of_ours_takes_are_bent_and_counted(field: str) -> None:
    bad = {"priority": "P1", "due": "soon", "summary": "x" * 501}
    bent = {"priority": "medium", "due_on": None, "title": "x" * 500}
    history = tracker.understand([issue(**{field: bad[field]})])
    ours = {"due": "due_on", "summary": "title"}.get(field, field)
    assert history.issues[0].final[ours] == bent[ours]
    assert history.oddities.total() == 1


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ({"status": "todo", "title": "a"}, {"status": "done", "title": "b"}, "task.completed"),
        ({"status": "in_progress"}, {"status": "cancelled"}, "task.completed"),
        ({"status": "done"}, {"status": "backlog"}, "task.reopened"),
        ({"status": "todo"}, {"status": "in_progress"}, "task.moved"),
        ({"status": "todo", "title": "a"}, {"status": "in_progress", "title": "b"}, "task.updated"),
        ({"status": "todo", "title": "a"}, {"status": "todo", "title": "b"}, "task.updated"),
        ({"status": "done"}, {"status": "done"}, None),
    ],
)
def test_says_what_the_change_log_must_call_a_step(before: Any, after: Any, kind: str | None) -> None:
    assert replay.kind_of(before, after) == kind


@pytest.mark.xfail(strict=True, reason="the service calls every change by PATCH task.updated")
def test_the_change_log_completes_and_reopens_as_often_as_the_file(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with embedded.start(tmp_path / "postgres") as postgres:
        player, logged = replay.play(postgres, tmp_path, tracker.understand(list(invented.lines())[:12]))
    assert not player.refused
    assert not player.mismatches
    assert player.events["task.completed"] > 0
    assert player.events["task.reopened"] > 0
    assert logged == player.events


def test_invents_issues_of_the_same_shape() -> None:
    history = tracker.understand(invented.lines())
    assert history == tracker.understand(json.loads(json.dumps(line)) for line in invented.lines())
    assert len(history.issues) == 300
    assert any(issue.steps for issue in history.issues)


def test_pgbench_scripts_leave_nothing_for_pgbench_to_fill_in_but_its_own_variable() -> None:
    project = UUID(int=1)
    for script in pgbench.scripts(Dataset(10, UUID(int=2), (project,), project)).values():
        assert "$" not in script
        assert set(re.findall(r"(?<!:):(\w+)", script)) <= {"n"}


def test_parses_an_answer_once_it_is_whole() -> None:
    whole = b'HTTP/1.1 200 OK\r\netag: "3"\r\ncontent-length: 2\r\n\r\n{}'
    assert parse(whole[:-1]) is None
    answer = parse(whole)
    assert answer is not None
    assert (answer.status, answer.header(b"etag"), answer.header(b"nothing"), answer.json()) == (200, b'"3"', None, {})


def test_writes_a_request_with_its_length() -> None:
    raw = request("POST", "/x", {"a": "ü"}, token="t", headers={"if-match": "*"})
    head, _, body = raw.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head
    assert json.loads(body) == {"a": "ü"}


def test_tables_line_up() -> None:
    lines = report.table(("a", "b"), [("long name", "1"), ("x", "1,000")]).splitlines()
    assert len({len(line) for line in lines}) == 1


def test_answers_that_differ_in_what_is_their_own_alone_are_the_same() -> None:
    def answer(number: bytes, detail: bytes, address: bytes = b"ana@example.org") -> Answer:
        head = b"HTTP/1.1 401 Unauthorized\r\nx-request-id: " + number
        body = b'{"detail":"' + detail + b'","request_id":"' + number + b'","email":"' + address + b'"}'
        return Answer(401, head, body)

    one = enumeration.shown(answer(b"00aa", b"no"))
    assert one == enumeration.shown(answer(b"11bb", b"no", b"nobody@example.org"))
    assert one != enumeration.shown(answer(b"00aa", b"No"))


def test_kinds_of_people_are_told_apart_by_answer_or_time() -> None:
    def compared(times: float, answer: bytes, *, equal: bool = True) -> str:
        known = enumeration.Watched("flow", "known", [1.0, 2.0, 90.0], {b"a"})
        nobody = enumeration.Watched("flow", "nobody", [times] * 3, {answer})
        return enumeration.Comparison(enumeration.Flow("flow", {}, equal), [known, nobody]).verdict

    assert compared(11.0, b"a") == "ok"
    assert compared(12.5, b"a") == "over: time"
    assert compared(2.0, b"b") == "ANSWERS DIFFER"
    assert compared(2.0, b"b", equal=False) == "ok"
