"""What all reports have in common: who reads them, which days and tasks, and as what they come."""

import csv
import io
import xml.etree.ElementTree as ET
from datetime import timedelta

import httpx
import pytest

from taskapi.core.clock import utc_now
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.factory import Factory, MadeProject

WEB = "/api/v1/projects/WEB/analytics"
MINE = "/api/v1/analytics/me"


async def test_a_summary_counts_what_is_open_and_what_came_and_went(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    ana = await make.member(web, ProjectRole.EDITOR)
    yesterday = str(utc_now().date() - timedelta(days=1))
    await make.task(web, priority="high", assignee_ids=[str(ana.id)], due_on=yesterday)
    await make.task(web, status="in_progress", assignee_ids=[str(ana.id), str(web.owner.id)])
    await make.task(web, status="done")
    await make.task(web, status="cancelled")
    gone = await make.task(web)
    await owner.delete(f"/api/v1/tasks/{gone['id']}")
    found = (await owner.get(f"{WEB}/summary")).json()
    assert found == {
        "open": 2,
        "overdue": 1,
        "created": 4,
        "completed": 1,
        "by_status": [
            {"status": "backlog", "count": 0},
            {"status": "todo", "count": 1},
            {"status": "in_progress", "count": 1},
            {"status": "done", "count": 1},
            {"status": "cancelled", "count": 1},
        ],
        "by_assignee": [
            {"user_id": str(ana.id), "open": 2, "overdue": 1},
            {"user_id": str(web.owner.id), "open": 1, "overdue": 0},
        ],
        "by_priority": [
            {"priority": "urgent", "open": 0},
            {"priority": "high", "open": 1},
            {"priority": "medium", "open": 0},
            {"priority": "low", "open": 0},
            {"priority": "none", "open": 1},
        ],
    }
    narrowed = (await owner.get(f"{WEB}/summary", params={"filter": "priority:high"})).json()
    assert (narrowed["open"], narrowed["overdue"]) == (1, 1)


@pytest.mark.parametrize(
    ("asked", "pointer", "code"),
    [
        ({"from": "2026-02-01", "to": "2026-01-31"}, "/query/from", "after_last_day"),
        ({"from": "2020-01-01", "to": "2026-01-31"}, "/query/from", "too_many_days"),
        ({"from": "yesterday"}, "/query/from", "value_error"),
        ({"format": "png"}, "/query/format", "enum"),
        ({"tz": "Moon"}, "/query/tz", "value_error"),
        ({"filter": "colour:red"}, "/query/filter", "invalid_filter"),
        ({"filter": "field.size:1"}, "/query/filter", "invalid_filter"),
    ],
)
async def test_days_and_tasks_that_cannot_be_are_refused(
    owner: httpx.AsyncClient, asked: dict[str, str], pointer: str, code: str
) -> None:
    refused = await owner.get(f"{WEB}/summary", params=asked)
    assert (refused.status_code, [(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]]) == (
        422,
        [(pointer, code)],
    )


async def test_a_day_given_twice_is_refused(owner: httpx.AsyncClient) -> None:
    refused = await owner.get(f"{WEB}/summary?from=2026-01-01&from=2026-01-02")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/query/from")


async def test_a_report_comes_as_a_table_that_no_spreadsheet_runs(make: Factory, client_for: ClientFor) -> None:
    owner = await make.user("olga", full_name='=HYPERLINK("evil")')
    project = await make.project(owner, key="CSV")
    await make.task(project, assignee_ids=[str(owner.id)])
    answer = await client_for(owner).get("/api/v1/projects/CSV/analytics/summary?format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == 'attachment; filename="CSV-summary.csv"'
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[:2] == [["by", "key", "what", "count"], ["all", "", "open", "1"]]
    assert ["assignee", '\'=HYPERLINK("evil")', "open", "1"] in rows


async def test_a_report_comes_as_a_picture_that_runs_nothing(make: Factory, client_for: ClientFor) -> None:
    owner = await make.user()
    await make.project(owner, key="SVG", name="<script>alert(1)</script>")
    answer = await client_for(owner).get("/api/v1/projects/SVG/analytics/summary?format=svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    root = ET.fromstring(answer.text)
    assert not [node for node in root.iter() if node.tag.endswith("script") or "href" in str(node.attrib)]
    (title,) = (node for node in root.iter() if node.get("id") == "title")
    assert title.text == "<script>alert(1)</script>: tasks by status"
    assert root.get("aria-labelledby") == "title summary"


async def test_who_is_not_in_the_project_sees_no_report(make: Factory, web: MadeProject, client_for: ClientFor) -> None:
    stranger = client_for(await make.user())
    answer = await stranger.get(f"{WEB}/summary")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await stranger.get(MINE)).json()["open"] == 0


@pytest.mark.parametrize("report", ["summary", "daily", "workload", "ageing", "time", "forecast"])
@pytest.mark.parametrize("format_", ["json", "csv", "svg"])
async def test_every_report_comes_in_every_format(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, report: str, format_: str
) -> None:
    await make.task(web, status="in_progress", assignee_ids=[str(web.owner.id)], due_on="2026-11-20", estimate=3)
    await make.task(web, status="done", assignee_ids=[str(web.owner.id)])
    task = (await make.task(web))["id"]
    await owner.post(f"/api/v1/tasks/{task}/time-entries", json={"started_at": "2026-11-20T09:00:00Z", "seconds": 60})
    own = MINE if report == "summary" else f"{MINE}/{report}"
    for address in (f"{WEB}/{report}", own):
        answer = await owner.get(address, params={"format": format_, "filter": "priority:none"})
        assert answer.status_code == 200, answer.text
