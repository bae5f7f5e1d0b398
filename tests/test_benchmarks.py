"""What the benchmarks rest on, where a mistake would give wrong figures instead of an error."""

import argparse
import asyncio
import fnmatch
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from benchmarks import (
    browsing,
    budgets,
    captured,
    enumeration,
    invented,
    pgbench,
    player,
    replay,
    report,
    serve,
    tracker,
    writes,
)
from benchmarks.budgets import Budget
from benchmarks.captured import Sent, Value
from benchmarks.comparison import Comparison, Log
from benchmarks.connection import Answer, parse, request
from benchmarks.dataset import Dataset
from benchmarks.driver import Measured
from benchmarks.player import Expected
from benchmarks.processes import Memory
from benchmarks.relations import Link, Turn
from benchmarks.round_trips import MessageCounter
from benchmarks.scenarios import BY_NAME, MIXED, SCENARIOS, SEARCHES, SEARCHING, World
from benchmarks.sorts import Order
from benchmarks.writes import Cost

from taskapi import embedded
from taskapi.embedded import EmbeddedServer

pytestmark = pytest.mark.slow


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


def test_finds_labels_components_parents_and_estimates_as_they_were() -> None:
    changes = [
        {
            "at": "2014-01-01",
            "by": "ada",
            "items": [
                {"field": "labels", "from": "old", "to": "ios docs"},
                {"field": "Component", "from": None, "to": "iOS"},
                {"field": "Component", "from": "Old part", "to": None},
                {"field": "Parent", "from": None, "to": "WEB-2"},
                {"field": "timeoriginalestimate", "from": "60", "to": "5400"},
            ],
        }
    ]
    lines = [
        issue(changes=changes, labels=["ios", "docs"], components=["iOS"], parent="WEB-2", estimate_seconds=5400),
        issue(key="WEB-2"),
    ]
    history = tracker.understand(lines)
    found = history.issues[0]
    began, ended = tracker.shown(found.initial), tracker.shown(found.final)
    assert (began["labels"], began["parent"], began["estimate"]) == (("old", "Old part"), None, 1)
    assert (ended["labels"], ended["parent"], ended["estimate"]) == (("docs", "ios"), "WEB-2", 90)
    assert not history.oddities
    assert history.told["labels of issues"] == 2


def test_issues_come_after_what_they_began_as_a_part_of() -> None:
    lines = [issue(parent="WEB-2"), issue(key="WEB-2", parent="WEB-3"), issue(key="WEB-3", parent="GONE-1")]
    history = tracker.understand(lines)
    assert [found.key for found in history.issues] == ["WEB-3", "WEB-2", "WEB-1"]
    assert history.oddities == {"parents that the file does not have, left out": 1}


@pytest.mark.parametrize("keys", [["WEB-1"], ["WEB-1", "WEB-2"], [f"WEB-{n}" for n in range(1, 8)]])
def test_nothing_is_a_part_of_itself_or_deeper_than_we_take(keys: list[str]) -> None:
    history = tracker.understand(
        [issue(key=key, parent=after) for key, after in zip(keys, [*keys[1:], keys[0]], strict=True)]
    )
    parents = {found.key: found.initial["parent"] for found in history.issues}
    for key in keys:
        above = [key]
        while (parent := parents[above[-1]]) is not None:
            above.append(parent)
        assert len(above) <= 6
    assert history.oddities


def test_comments_stand_between_the_changes_before_and_after() -> None:
    comments = [{"at": "2014-01-02", "by": None, "body": "Mine\0."}, {"at": "2014-01-04", "by": "bo", "body": "  "}]
    changes = [
        {"at": f"2014-01-0{day}", "by": "bo", "items": [{"field": "summary", "from": before, "to": after}]}
        for day, before, after in ((3, "Then", "After"), (1, "First", "Then"))
    ]
    history = tracker.understand([issue(comments=comments, changes=changes)])
    (found,) = history.issues
    assert found.life == (
        tracker.Step("bo", {"title": "Then"}),
        tracker.Said("ada", "Mine."),
        tracker.Step("bo", {"title": "After"}),
    )
    assert history.oddities == {
        "comments by nobody known, made by the issue's reporter": 1,
        "comments in which there is nothing to see, left out": 1,
    }


def linked(type_: str, to: str, **fields: Any) -> dict[str, Any]:
    return issue(links=[{"type": type_, "to": to, "from": None}], **fields)


def test_a_link_told_by_both_its_issues_is_one_with_its_turns() -> None:
    def turn(day: int, before: str | None, after: str | None) -> dict[str, Any]:
        return {"at": f"2014-01-0{day}", "by": "bo", "items": [{"field": "Link", "from": before, "to": after}]}

    here, there = "This issue requires WEB-2", "This issue is required by WEB-1"
    lines = [
        linked("Required", "WEB-2", changes=[turn(1, None, here), turn(2, here, None), turn(3, None, here)]),
        issue(key="WEB-2", changes=[turn(1, None, there), turn(2, there, None), turn(3, None, there)]),
        linked("Duplicate", "WEB-2", key="WEB-3"),
        linked("Cloners", "GONE-1", key="WEB-4"),
    ]
    history = tracker.understand(lines)
    assert history.links == (
        Link("WEB-2", "WEB-1", "blocks", False, tuple(Turn("bo", made) for made in (True, False, True)), True),
        Link("WEB-3", "WEB-2", "duplicates", True, (), True),
    )
    assert history.oddities == {"links to issues that the file does not have, left out": 1}


def test_issues_that_block_each_other_in_a_circle_lose_the_link_that_closes_it() -> None:
    history = tracker.understand(
        [linked("Blocker", "WEB-2"), linked("Blocker", "WEB-3", key="WEB-2"), linked("Blocker", "WEB-1", key="WEB-3")]
    )
    assert len(history.links) == 2
    assert history.oddities == {"links that close a circle of issues that block each other, left out": 1}


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
        ({"status": "done", "labels": ("web",), "components": ()}, {"components": ("web",)}, None),
    ],
)
def test_says_what_the_change_log_must_call_a_step(before: Any, after: Any, kind: str | None) -> None:
    assert player.kind_of(before, after) == kind


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    home = tmp_path_factory.mktemp("replay")
    home.chmod(0o755)  # as root, PostgreSQL runs as another account
    with embedded.start(home / "postgres", embedded.THROWAWAY) as server:
        yield server


def test_a_file_with_contradictions_is_played_to_its_end(postgres: EmbeddedServer, tmp_path: Path) -> None:
    """An unknown status, a contradiction, a change and an issue of nobody, a stranger, and lines that lack fields."""
    to_blocker = {"field": "priority", "from": "Minor", "to": "Blocker"}
    to_received = {"field": "status", "from": "Received", "to": "Closed"}
    to_stranger = {"field": "assignee", "from": None, "to": "Somebody Else"}
    lines = [
        issue(
            changes=[{"at": "1", "by": None, "items": [to_received]}, {"at": "2", "by": "bo", "items": [to_blocker]}]
        ),
        issue(key="WEB-2", status="Received", reporter=None),
        issue(key="WEB-3", changes=[{"at": "1", "by": "bo", "items": [to_stranger]}]),
        {"key": "web-4"},
        {"key": "APP-1", "summary": "Alone", "reporter": None},
        None,
    ]
    replayed = replay.play(postgres, tmp_path, tracker.understand(lines), "contradictions")
    assert (replayed.player.refused, replayed.comparison.mismatches) == ([], [])
    assert len(replayed.player.history.issues) == 5
    assert replayed.player.events["task.created"] == 5
    assert replayed.player.events["task.completed"] == 1


def test_tasks_and_change_log_end_as_the_file_does(postgres: EmbeddedServer, tmp_path: Path) -> None:
    """Of each kind of thing there is some, so that none of the comparisons is empty."""
    replayed = replay.play(postgres, tmp_path, tracker.understand(list(invented.lines())[:24]), "kinds")
    assert (replayed.player.refused, replayed.comparison.mismatches) == ([], [])
    kinds = {"task.completed", "task.reopened", "task.moved", "comment.created", "link.created", "label.created"}
    assert kinds <= {kind for kind, count in replayed.player.events.items() if count}
    assert [thing for thing, count in replayed.comparison.compared.items() if not count] == []
    assert len(replayed.comparison.compared) == 17


def test_what_is_not_as_the_file_says_is_a_mismatch() -> None:
    history = tracker.understand([issue()])
    told = player.Player(history, 0, tasks={"WEB-1": "id"}, facts={"id": [Expected("task.moved", "ada", {})]})
    told.events["task.moved"] = 1
    for kind, actor, changes in (
        ("task.moved", "ada", {}),
        ("task.moved", "bo", {}),
        ("task.moved", "ada", {"x": [0, 1]}),
    ):
        compared = Comparison()
        compared.log(told, Log(Counter({"task.moved": 1}), {"id": [Expected(kind, actor, changes)]}))
        assert bool(compared.mismatches) is (actor == "bo" or "x" in changes)
    compared = Comparison()
    compared.log(told, Log(Counter({"task.moved": 1, "task.purged": 1}), {"id": told.facts["id"]}))
    assert compared.different == {"kinds of facts, counted": 1}


@pytest.mark.parametrize("text", ["Received", "Received=somewhere", "=todo"])
def test_a_status_is_mapped_to_one_of_ours(text: str) -> None:
    parser = argparse.ArgumentParser(exit_on_error=False)
    replay.add_options(parser)
    assert parser.parse_args(["--status", "A=b=done"]).status == [("A=b", "done")]
    with pytest.raises(argparse.ArgumentError, match="todo"):
        parser.parse_args(["--status", text])


def test_invents_issues_of_the_same_shape() -> None:
    history = tracker.understand(invented.lines())
    assert history == tracker.understand(json.loads(json.dumps(line)) for line in invented.lines())
    assert len(history.issues) == 300
    assert any(issue.steps for issue in history.issues)


LOG = """\
2026-11-21 14:00:00.000 UTC [7] LOG:  statement: BEGIN;
2026-11-21 14:00:00.001 UTC [7] LOG:  execute __asyncpg_stmt_1__: UPDATE tasks SET title=$1::VARCHAR
\tWHERE id = $2::UUID AND to_char(now(), 'HH:MI') <> ''
2026-11-21 14:00:00.001 UTC [7] DETAIL:  Parameters: $1 = 'it''s
\tnew', $2 = '018bcfe5-6800-7000-8000-000000000001'
2026-11-21 14:00:00.002 UTC [7] LOG:  checkpoint starting: time
"""


def test_reads_statements_and_their_values_from_the_log() -> None:
    begin, update = captured.read_log(LOG)
    assert begin == Sent("BEGIN")
    assert update.sql.startswith("UPDATE tasks SET title=$1::VARCHAR\nWHERE")
    assert [value.text for value in update.values] == ["it's\nnew", "018bcfe5-6800-7000-8000-000000000001"]


def test_tells_the_values_of_one_request_from_those_of_any() -> None:
    since = datetime(2026, 11, 21, 14, tzinfo=UTC)
    task, new, caller = (str(UUID(int=n)) for n in (1, 2, 3))
    new = str(UUID(int=int(since.timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62))
    texts = [
        caller,
        task,
        new,
        "2026-11-21 14:00:01+00",
        "2020-11-21 14:00:01+00",
        "After",
        '{"title": 1}',
        None,
        "7",
        new,
    ]
    (sent,) = captured.with_roles(
        [Sent("SELECT", tuple(Value(text) for text in texts))],
        captured.Asked("PATCH", f"/api/v1/tasks/{task}", {"title": "After"}),
        {"id": task, "key": "WEB-1", "project_id": "p"},
        caller,
        since,
    )
    assert [value.role for value in sent.values] == [
        *("caller", "task", "new:0", "now", "", "given:title", "changes", "", "", "new:0"),
    ]


def test_takes_the_usual_statements_for_those_of_a_request() -> None:
    often, rare = [Sent("SELECT $1", (Value("a"),))], [Sent("SELECT caller"), Sent("SELECT $1", (Value("b"),))]
    last = [Sent("SELECT $1", (Value("c"),))]
    assert captured.usual([often, rare, last, rare[:1]]) == last


def test_pgbench_gets_statements_with_their_values_and_no_variable_but_its_own() -> None:
    project = UUID(int=1)
    _, update = captured.read_log(LOG)
    values = (Value("it's 10:30", "given:title"), Value("1", captured.TASK), Value("a:b"), Value(None))
    script = pgbench.script(
        Dataset(10, UUID(int=2), (project,), project, (), {}), [[Sent(f"{update.sql} OR $3 = $4", values)]]
    )
    assert "$" not in script
    assert set(re.findall(r"(?<!:):(\w+)", script)) == {"n", "r"}
    assert "E'HH\\x3aMI'" in script
    assert script.rstrip().endswith("E'a\\x3ab' = NULL;")


async def test_notes_for_how_long_the_loop_served_nobody() -> None:
    pauses = serve.Pauses(asyncio.get_running_loop())
    await asyncio.sleep(0.01)
    time.sleep(0.05)  # noqa: ASYNC251 - what is to be noticed
    await asyncio.sleep(0.01)
    assert pauses.taken()["pause_ms"] >= 45
    assert pauses.taken()["pause_ms"] == 0


def test_budgets_are_reached_or_missed_by_each_figure_they_are_about() -> None:
    few = [
        Budget("a", ("*/ms",), ("b/*",), 5, "ms"),
        Budget("c", ("trips",), (), 1, ""),
        Budget("d", ("x",), (), 1, "s"),
    ]
    judged = budgets.judge(few, {"a/ms": 5.0, "b/ms": 9.0, "c/ms": 5.1, "trips": 1.2})
    assert [one.verdict for one in judged] == ["missed", "reached", "not measured"]
    assert judged[0].missed == {"c/ms": 5.1}


def test_every_pattern_of_the_budgets_is_about_a_figure_that_a_run_gives() -> None:
    measured = Measured(*range(1, 12))
    rows = [
        report.Row(scenario, min(32, scenario.most_connections), measured, measured) for scenario in (*SCENARIOS, MIXED)
    ]
    small = report.Size(10_000, rows, {scenario.name: 1.0 for scenario in SCENARIOS})
    small.rates = [pgbench.Rate(name, 1, 1, 1, SEARCHING) for name in SEARCHES]
    memory = Memory(1, 1, 1)
    sorts = ("default", "rank", "created_at", "-updated_at", "due")
    names = [
        *report.figures_of_rows(small),
        *report.figures_of_rates(small),
        *report.figures_of_growth(small, small),
        *report.figures_of_process(report.Process(memory, memory, 1)),
        *report.figures_of_writes([Cost(what, 1, 1, 1, 1) for what in writes.CHANGES]),
        *report.figures_of_orders([Order(sort, 100_000, 1) for sort in sorts]),
        "access_log/cpu_us",
        *(f"page/{name}" for name in browsing.FIGURES),
    ]
    for budget in budgets.read():
        for pattern in (*budget.figures, *budget.but):
            assert fnmatch.filter(names, pattern), f"{budget.what}: {pattern}"


@pytest.mark.parametrize("name", ["PATCH", "PATCH-estimate", "PATCH-status"])
def test_every_change_changes_something(name: str) -> None:
    """Two runs after one another, and the rounds of each."""
    last: dict[str, Any] = {}
    for _ in range(2):
        script = BY_NAME[name].script(World(10_000, (), "", "", ""), 3)
        raw = next(script)
        for _ in range(100):
            asked = captured.Asked.of(raw)
            assert last.get(asked.target) != asked.body
            last[asked.target] = asked.body
            raw = script.send(Answer(200, b'HTTP/1.1 200 OK\r\netag: "3"', b""))
    assert len(last) == 10


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
