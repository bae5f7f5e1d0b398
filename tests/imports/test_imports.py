"""Bringing tasks in: what a file says becomes tasks, once, however often it is brought in."""

import csv
import io
import json
from typing import Any

import httpx
import pytest

from taskapi.imports.runs import service as runs
from tests.imports.conftest import Importer
from tests.proof.tables import TOLD, differences
from tests.support.change_log import Fold
from tests.support.factory import Factory, MadeProject

TASKS = "/api/v1/projects/WEB/tasks"
THREE = (
    'key,title,status,labels,due,estimate\nA-1,One,To do,bug,2026-12-24,3\nA-2,Two,Done,,,\nA-3,Three,,"bug, ui",,1.5\n'
)


async def tasks(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(f"{TASKS}?sort=created_at&limit=200")).json()["items"]
    return sorted(found, key=lambda task: task["number"])


async def test_rows_become_tasks_and_the_log_tells_them(owner: httpx.AsyncClient, bring: Importer, tables: Any) -> None:
    done = await bring(THREE)
    assert (done["state"], done["total"], done["created"], done["failed"]) == ("done", 3, 3, 0), done
    assert (done["problems"], done["problems_total"], done["error"], done["progress"]) == ([], 0, None, 1)
    one, two, three = await tasks(owner)
    assert (one["title"], one["status"], one["due_on"], one["estimate"]) == ("One", "todo", "2026-12-24", 3)
    assert (two["status"], two["status_category"], two["completed_at"] is not None) == ("done", "done", True)
    assert [len(task["label_ids"]) for task in (one, two, three)] == [1, 0, 2]
    assert [task["key"] for task in (one, two, three)] == ["WEB-1", "WEB-2", "WEB-3"]
    assert await differences(Fold(), tables, await tables.fetchval("SELECT now()"), TOLD) == []


async def test_the_same_file_again_changes_nothing_and_a_changed_row_changes_its_task(
    owner: httpx.AsyncClient, bring: Importer, tables: Any
) -> None:
    await bring(THREE)
    await owner.patch("/api/v1/tasks/WEB-1", json={"title": "Mine"})
    before = await tasks(owner)
    again = await bring(THREE)
    assert (again["created"], again["updated"], again["skipped"]) == (0, 0, 3)
    assert await tasks(owner) == before
    changed = await bring(THREE.replace("Two,Done", "Zwei,To do"))
    assert (changed["created"], changed["updated"], changed["skipped"]) == (0, 1, 2)
    two = (await tasks(owner))[1]
    assert (two["title"], two["status"], two["completed_at"], two["version"]) == ("Zwei", "todo", None, 2)
    assert await differences(Fold(), tables, await tables.fetchval("SELECT now()"), TOLD) == []


async def test_rows_without_an_id_are_known_again_by_what_they_say(owner: httpx.AsyncClient, bring: Importer) -> None:
    content = "title\nMilk\nMilk\nBread\nMilk\n"
    assert (await bring(content))["created"] == 4
    again = await bring(content + "Eggs\nMilk\n")
    assert (again["created"], again["skipped"]) == (2, 4)
    assert [task["title"] for task in await tasks(owner)] == ["Milk", "Milk", "Bread", "Milk", "Eggs", "Milk"]


async def test_an_id_that_comes_twice_in_a_file_is_one_task(owner: httpx.AsyncClient, bring: Importer) -> None:
    done = await bring("id,title\n1,First\n2,Other\n1,Second\n")
    assert (done["created"], done["updated"], done["total"]) == (2, 1, 3)
    assert [task["title"] for task in await tasks(owner)] == ["Second", "Other"]


async def test_a_row_without_a_title_is_a_problem_and_the_others_come(
    owner: httpx.AsyncClient, bring: Importer
) -> None:
    done = await bring('title,due\n"A\nB",tomorrow\n,2026-01-01\nC,"31.1.2026, 10:30"\nD,,,surplus\n\0,\n')
    problems = [(one["line"], one["column"], one["code"]) for one in done["problems"]]
    assert problems == [
        (2, "due", "invalid_value"),
        (4, None, "missing_title"),
        (6, None, "too_many_cells"),
        (7, "title", "unreadable"),
    ]
    assert (done["created"], done["failed"], done["problems_total"], done["total"]) == (2, 3, 4, 5)
    assert [(task["title"], task["due_at"]) for task in await tasks(owner)] == [
        ("A B", None),
        ("C", "2026-01-31T10:30:00.000000Z"),
    ]


async def test_a_dry_run_tells_everything_and_writes_nothing(owner: httpx.AsyncClient, bring: Importer) -> None:
    done = await bring(THREE.replace("To do", "Brand new") + "A-4,\n", dry_run=True)
    assert (done["state"], done["created"], done["failed"], done["dry_run"]) == ("done", 3, 1, True)
    assert await tasks(owner) == []
    statuses = (await owner.get("/api/v1/projects/WEB/statuses")).json()["items"]
    assert "brand_new" not in [status["key"] for status in statuses]
    assert (await bring(THREE))["created"] == 3


async def test_parents_are_found_wherever_they_come(owner: httpx.AsyncClient, bring: Importer) -> None:
    done = await bring("id,title,parent\n1,Child,3\n2,Lost,9\n3,Parent,\n4,Grandchild,1\n")
    assert done["created"] == 4
    assert [(one["line"], one["code"]) for one in done["problems"]] == [(3, "unknown_parent")]
    found = await tasks(owner)
    ids = {task["id"]: task["number"] for task in found}
    assert [ids.get(task["parent_id"]) for task in found] == [3, None, None, 1]


async def test_nothing_hangs_below_itself_or_too_deep(owner: httpx.AsyncClient, bring: Importer) -> None:
    rows = ["id,title,parent", "a,A,b", "b,B,a", *(f"{n},Level {n},{n - 1 or ''}" for n in range(7, 0, -1))]
    done = await bring("\n".join(rows))
    assert (done["created"], [(one["line"], one["code"]) for one in done["problems"]]) == (
        9,
        [(3, "parent_cycle"), (9, "too_deep")],
    )
    by_title = {task["title"]: task for task in await tasks(owner)}
    assert by_title["A"]["parent_id"] == by_title["B"]["id"]
    assert by_title["Level 7"]["parent_id"] == by_title["Level 6"]["id"]
    assert (by_title["Level 2"]["parent_id"], by_title["B"]["parent_id"]) == (None, None)
    done = await bring("id,title,parent\nx,X,7\n")
    assert [one["code"] for one in done["problems"]] == ["too_deep"]


async def test_a_parent_that_comes_in_a_later_batch_is_found_by_going_through_again(
    owner: httpx.AsyncClient, bring: Importer, monkeypatch: pytest.MonkeyPatch, tables: Any
) -> None:
    monkeypatch.setattr(runs, "MOST_ROWS", 2)
    rows = ["id,title,parent", "1,One,5", "2,Two,1", "3,Three,", "4,Four,8", "5,Five,"]
    done = await bring("\n".join(rows))
    assert (done["created"], done["total"], done["progress"]) == (5, 5, 1)
    assert [(one["line"], one["code"]) for one in done["problems"]] == [(5, "unknown_parent")]
    found = await tasks(owner)
    ids = {task["id"]: task["number"] for task in found}
    assert [ids.get(task["parent_id"]) for task in found] == [5, 1, None, None, None]
    assert (await bring("\n".join(rows)))["skipped"] == 5
    assert await tasks(owner) == found
    assert await differences(Fold(), tables, await tables.fetchval("SELECT now()"), TOLD) == []


async def test_a_task_in_the_trash_or_elsewhere_is_left_alone(
    make: Factory, web: MadeProject, owner: httpx.AsyncClient, bring: Importer
) -> None:
    other = await make.project(web.owner, key="OTHER")
    await bring(THREE)
    await owner.delete("/api/v1/tasks/WEB-1")
    await owner.post("/api/v1/tasks/WEB-2/move", json={"project": other.key})
    done = await bring(THREE.replace("One", "Uno").replace("Two", "Due"))
    assert (done["created"], done["updated"], done["skipped"]) == (0, 0, 3)
    assert [(one["line"], one["code"]) for one in done["problems"]] == [
        (2, "task_out_of_reach"),
        (3, "task_out_of_reach"),
    ]
    assert (await owner.get("/api/v1/tasks/OTHER-1")).json()["title"] == "Two"


async def test_ids_of_another_source_are_other_tasks(owner: httpx.AsyncClient, bring: Importer) -> None:
    await bring(THREE)
    assert (await bring(THREE, options={"source": "elsewhere"}))["created"] == 3
    assert len(await tasks(owner)) == 6


async def test_stories_as_trackers_export_them_come_in_whole(
    owner: httpx.AsyncClient, bring: Importer, tables: Any
) -> None:
    """Cells over many lines, quotes in quotes, delimiters in code, and 20,000 characters."""
    stories = [
        (f"STORY-{number}", f'Story "{number}", with; signs', text, number % 13)
        for number, text in enumerate(
            [
                "One line",
                'Over\nthree\r\nlines, with "quotes" in it\n\n',
                'if (a > b) { return "x;y"; }\t# |',
                "é 漢字 🎉 \u2028 end",
                "long " * 4000,
                "",
            ]
        )
    ]
    written = io.StringIO(newline="")
    csv.writer(written).writerows([("issuekey", "title", "description", "storypoint"), *stories])
    for encoding, source in (("utf-8-sig", "one"), ("utf-16", "two")):
        done = await bring(written.getvalue().encode(encoding), options={"source": source})
        assert (done["created"], done["failed"], done["problems"]) == (len(stories), 0, [])
    told = await tables.fetch("SELECT title, description, estimate FROM tasks ORDER BY number")
    assert [(task["title"], task["description"] or "", task["estimate"]) for task in told] == 2 * [
        (title, text, estimate) for _, title, text, estimate in stories
    ]


@pytest.mark.parametrize("rows", [2, 500])
async def test_a_trial_knows_parents_and_links_that_come_later(
    rows: int, owner: httpx.AsyncClient, bring: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says of them what the import then says, however the file is cut into batches."""
    monkeypatch.setattr(runs, "MOST_ROWS", rows)
    told = {f"T-{n}": f"T-{n + 1}" for n in range(1, 12)}  # deeper than tasks hang
    told |= {"A": "D", "B": "", "C": "nobody", "D": "B", "X": "Y", "Y": "Z", "Z": "X", "S": "S"}
    issues: list[dict[str, Any]] = [
        {"key": key, "fields": {"summary": key, "parent": {"key": parent} if parent else None, "issuelinks": []}}
        for key, parent in told.items()
    ]
    for to in ("Z", "lost"):
        issues[0]["fields"]["issuelinks"].append({"type": {"name": "Blocks"}, "outwardIssue": {"key": to}})
    content = json.dumps({"issues": issues})
    problems = []
    for dry_run in (True, False):
        done = await bring(content, format="jira", dry_run=dry_run)
        assert (done["state"], done["created"], done["total"]) == ("done", len(told), len(told))
        problems.append([one["code"] for one in done["problems"]])
        counted = {code: problems[-1].count(code) for code in ("unknown_parent", "unknown_link", "parent_cycle")}
        assert counted == {"unknown_parent": 2, "unknown_link": 1, "parent_cycle": 1}
    # Which of a chain are too many depends on who was hung first.
    assert "too_deep" in problems[0]
    assert "too_deep" in problems[1]
