"""What the benchmarks rest on, where a mistake would give wrong figures instead of an error."""

import json
import re
from typing import Any
from uuid import UUID

import pytest
from benchmarks import enumeration, invented, pgbench, report, tracker
from benchmarks.connection import Answer, parse, request
from benchmarks.dataset import Dataset
from benchmarks.round_trips import MessageCounter


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


def test_refuses_changes_that_do_not_lead_to_the_end() -> None:
    changes = [{"at": "2014-01-01", "by": "ada", "items": [{"field": "priority", "from": "Minor", "to": "Blocker"}]}]
    with pytest.raises(ValueError, match="WEB-1"):
        tracker.understand([issue(changes=changes)])


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
