"""Jira's issues: its search's answers and files of one issue a line, with what happened to each."""

import gzip
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from benchmarks import invented

from taskapi.imports.records import ImportedLink, ImportedPerson
from tests.imports.readers.reading import SAMPLES, TAKING_ALL, at_first, is_chain, read

ANA = ImportedPerson("Ana Weber", "ana@example.org", "5b10a2844c20165700ede21g")
BEN = ImportedPerson("Ben Okafor", None, "5b10ac8d82e05b22cc7d4ef5")


def issue(**fields: Any) -> dict[str, Any]:
    return {"key": "A-1", "fields": {"summary": "One", **fields}}


def changed(at: str, *items: tuple[str, str | None, str | None]) -> dict[str, Any]:
    named = [{"field": field, "fromString": before, "toString": after} for field, before, after in items]
    return {"created": f"{at}T10:00:00.000+0000", "author": {"name": "mira"}, "items": named}


def test_an_answer_of_its_search_becomes_tasks() -> None:
    (bug, part), problems = read("jira", (SAMPLES / "jira-search.json").read_bytes(), TAKING_ALL)
    assert problems == []
    assert (bug.external_id, bug.title, bug.status, bug.category) == (
        *("SHOP-7", "Card payments fail on Fridays", "Done", "done"),
    )
    assert (bug.priority, bug.labels, bug.assignees) == ("urgent", ("checkout", "payments", "Web"), (BEN,))
    assert (bug.due_on, bug.estimate, bug.parent) == (date(2024, 3, 15), 5, "SHOP-1")
    assert (bug.created_by, bug.created_at) == (ANA, datetime(2024, 2, 28, 15, 20, 11, 123000, UTC))
    assert bug.completed_at == datetime(2024, 3, 5, 8, tzinfo=UTC)
    assert bug.fields == {"Type": "Bug", "Resolution": "Done", "Fix versions": "2.4", "Customer": "Nordwind"}
    assert bug.links == [
        ImportedLink("blocks", "SHOP-9"),
        ImportedLink("duplicated_by", "SHOP-5"),
        ImportedLink("relates_to", "SHOP-4"),
    ]
    assert [(each.external_id, each.author, each.body) for each in bug.comments] == [
        ("500", ANA, "@Ben Okafor can you look?")
    ]
    assert [(each.person, each.note, (each.ended_at - each.started_at).seconds) for each in bug.time] == [
        (BEN, "Found it", 5400)
    ]
    assert (part.parent, part.category, part.assignees) == ("SHOP-7", "unstarted", ())


def test_documents_and_wiki_markup_become_markdown() -> None:
    (bug, part), _ = read("jira", (SAMPLES / "jira-search.json").read_bytes())
    assert bug.description == (
        "## Steps\n\n1. Pay by **card**\n2. See [the log](https://example.org/log)\n\n"
        "```text\n402 Payment Required\n```\n\n- [log.txt](https://example.atlassian.net/attachment/content/1)"
    )
    assert part.description == (
        "## For whom\nAll of **support**, see `faq.md` and [the page](https://example.org/faq).\n\n"
        "```java\nint x = 1;\n```"
    )


def test_its_history_leads_from_the_beginning_to_what_is_now() -> None:
    (bug, _), _ = read("jira", (SAMPLES / "jira-search.json").read_bytes())
    assert is_chain(bug)
    assert [(change.at.day, change.person, sorted(change.changes)) for change in bug.history] == [
        (1, ANA, ["status"]),
        (4, ANA, ["assignees", "due_on", "estimate", "labels", "priority", "title"]),
        (5, BEN, ["status"]),
    ]
    first = {field: at_first(bug, field) for field in ("title", "status", "priority", "assignees", "labels", "due_on")}
    assert first == {
        "title": "Card payments fail",
        "status": "To Do",
        "priority": "medium",
        "assignees": (ANA,),
        "labels": ("urgent",),
        "due_on": None,
    }


def test_files_of_one_issue_a_line_know_people_by_login() -> None:
    (one, two), _ = read("jira", (SAMPLES / "jira-issues.ndjson").read_bytes())
    jane = ImportedPerson("jdoe", None, "jdoe")
    assert (one.assignees, one.labels, one.estimate, one.priority) == ((jane,), ("core", "build"), 90, "medium")
    assert [change.changes for change in one.history] == [
        {"assignees": [(), (jane,)], "status": ["Open", "In Progress"]},
        {"status": ["In Progress", "Resolved"], "due_on": [None, date(2013, 1, 20)]},
    ]
    assert (two.parent, two.links) == ("ANT-1", [ImportedLink("blocked_by", "ANT-1")])
    assert at_first(two, "assignees") == (jane,)


def test_what_is_no_field_of_a_task_is_told_of_once() -> None:
    _, problems = read("jira", (SAMPLES / "jira-issues.ndjson").read_bytes())
    assert [(problem.column, problem.code, problem.is_lost) for problem in problems] == [
        ("Type", "unknown_column", False),
        ("Resolution", "unknown_column", False),
    ]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_pages_one_after_the_other_are_one_file(pack: Any) -> None:
    pages = [{"issues": [issue()]}, {"total": 2, "issues": [issue(), issue()]}]
    tasks, _ = read("jira", pack("\n".join(map(json.dumps, pages)).encode()))
    assert [task.line for task in tasks] == [1, 2, 3]


def test_names_of_fields_may_stand_behind_the_issues() -> None:
    answer = {"issues": [issue(customfield_7=8, customfield_8="x")], "names": {"customfield_7": "Story Points"}}
    ((task,), _) = read("jira", json.dumps(answer))
    assert task.estimate == 8


def test_a_list_of_issues_and_an_issue_a_line_are_read_too() -> None:
    for content in (json.dumps([issue(), issue()]), "\n".join([json.dumps(issue())] * 2)):
        assert len(read("jira", content)[0]) == 2


def test_utf_16_with_its_mark_is_read() -> None:
    ((task,), problems) = read("jira", json.dumps({"issues": [issue(summary="Größe")]}).encode("utf-16"))
    assert (task.title, problems) == ("Größe", [])


def test_contradictions_are_mended() -> None:
    log = [
        changed("2020-01-01", ("status", "Open", "Doing")),
        changed("2020-01-02", ("status", "Waiting", "Open"), ("labels", "gone", "new  other")),
        changed("2020-01-03", ("Component", None, "new"), ("Component", "web", None)),
    ]
    one = issue(status={"name": "Closed"}, labels=["new"], updated="2020-02-01T10:00:00.000+0000")
    ((task,), _) = read("jira", {"issues": [{**one, "changelog": {"histories": log}}]})
    assert is_chain(task)
    assert [(change.at.month, change.changes.get("status")) for change in task.history] == [
        (1, ["Open", "Doing"]),
        (1, ["Doing", "Open"]),
        (1, None),
        (2, ["Open", "Closed"]),
    ]
    assert task.history[-1].person is None
    assert task.history[1].changes["labels"][0] == ("web", "gone")


def test_a_description_that_was_written_later_keeps_its_files_out_of_the_history() -> None:
    log = [changed("2020-01-01", ("description", "old", "h1. New"))]
    files = [{"filename": "a.txt", "content": "https://example.org/a.txt"}]
    one = {**issue(description="h1. New", attachment=files), "changelog": {"histories": log}}
    ((task,), _) = read("jira", {"issues": [one]})
    assert task.description == "# New\n\n- [a.txt](https://example.org/a.txt)"
    assert [change.changes for change in task.history] == [{"description": ["old", task.description]}]


def test_a_wrong_value_costs_no_task() -> None:
    wrong = issue(
        duedate="soon", labels="core", priority={"name": "Galactic"}, assignee=[1], created=5, timeoriginalestimate=-60
    )
    ((task,), problems) = read("jira", {"issues": [wrong]})
    assert (task.title, task.due_on, task.labels, task.priority) == ("One", None, (), "none")
    assert {(problem.line, problem.column, problem.code, problem.is_lost) for problem in problems} == {
        (1, f"fields.{name}", "invalid_value", False)
        for name in ("duedate", "labels", "priority", "assignee", "created", "timeoriginalestimate")
    }


def test_a_flat_file_is_blamed_by_its_own_names() -> None:
    line = sample_line() | {"due": "never", "estimate_seconds": "much", "links": {}}
    _, problems = read("jira", json.dumps(line))
    assert {problem.column for problem in problems if problem.code == "invalid_value"} == {
        *("due", "estimate_seconds", "links"),
    }


def test_a_line_that_cannot_be_read_costs_its_own_issue() -> None:
    good = json.dumps(sample_line())
    tasks, problems = read("jira", "\n".join([good, good[:50], "[]", good, '{"key": "X-1", "summary": " "}']))
    assert [task.line for task in tasks] == [1, 4]
    assert [(problem.line, problem.code) for problem in problems if problem.is_lost] == [
        (2, "unreadable"),
        (3, "unreadable"),
        (5, "missing_title"),
    ]


def test_wiki_markup_keeps_what_is_verbatim_and_closes_what_it_opens() -> None:
    text = (
        "||A||B||\n|*1*|{{x|y}}|\n# one\n## two\n{quote}\n_said_\n{quote}\n{noformat}\n*not* ```\n{noformat}\n{code}*x*"
    )
    ((task,), _) = read("jira", {"issues": [issue(description=text)]})
    assert task.description == (
        "| A | B |\n| --- | --- |\n| **1** | `x\\|y` |\n"
        "1. one\n    1. two\n> *said*\n\n\n````\n*not* ```\n````\n\n{code}**x**"
    )


def test_nothing_is_lost_of_a_tracker_with_a_past() -> None:
    """Invented in the shape of a real one, with all that contradicts itself there; each past leads to what is now."""
    issues = [line for line in invented.lines() if line]
    tasks, problems = read("jira", "\n".join(map(json.dumps, issues)))
    lost = [problem.line for problem in problems if problem.is_lost]
    assert (len(tasks), lost) == (len([line for line in issues if line.get("key")]), [])
    for line, task in zip(issues, tasks, strict=True):
        assert is_chain(task)
        assert len(task.comments) == len([each for each in line.get("comments") or () if each["body"].strip()])
        names = {name.lower() for name in [*(line.get("labels") or ()), *(line.get("components") or ())]}
        assert {name.lower() for name in task.labels} == names
        others = {link.get("to") or link.get("from") for link in line.get("links") or ()}
        assert {link.external_id for link in task.links} == others - {line["key"]}


def sample_line() -> dict[str, Any]:
    line: dict[str, Any] = json.loads((SAMPLES / "jira-issues.ndjson").read_text().splitlines()[0])
    return line
