"""What all reports have in common: who reads them, which days and tasks, and as what they come."""

import csv
import io
import xml.etree.ElementTree as ET
from datetime import timedelta
from typing import Any

import httpx
import pytest

from taskapi.analytics.ageing import queries as ageing_queries
from taskapi.analytics.shared.schemas import SharedChart
from taskapi.core.clock import utc_now
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.factory import Factory, MadeProject
from tests.support.moving_clock import moving_clock

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


async def test_the_oldest_are_found_wherever_the_log_has_them(
    make: Factory, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was created first may have been started last."""
    person = await make.user()
    project = await make.project(person, key="WEB")
    clock = moving_clock(monkeypatch, "2026-10-01T12:00:00Z")
    tasks = [await make.task(project) for _ in range(6)]
    client = client_for(person)
    for days, task in enumerate(reversed(tasks)):
        clock.pass_by(days=days)
        await client.patch(f"/api/v1/tasks/{task['key']}", json={"status": "in_progress"})
    clock.pass_by(days=1)
    whole = (await client.get(f"{WEB}/ageing")).json()
    assert [(one["key"], one["days"]) for one in whole["items"]] == [
        ("WEB-6", 16),
        ("WEB-5", 15),
        ("WEB-4", 13),
        ("WEB-3", 10),
        ("WEB-2", 6),
        ("WEB-1", 1),
    ]
    monkeypatch.setattr(ageing_queries, "MOST", 2)
    found = (await client.get(f"{WEB}/ageing?tz=Asia/Tokyo")).json()
    assert ([one["key"] for one in found["items"]], found["total"]) == (["WEB-6", "WEB-5"], 6)


async def test_work_is_held_against_what_a_member_can_do(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    ana, bea = await make.member(web, ProjectRole.EDITOR), await make.member(web, ProjectRole.VIEWER)
    await make.task(web, estimate=13, due_on="2026-11-25", assignee_ids=[str(ana.id)])
    await make.task(web, estimate=8, due_on="2026-12-25", assignee_ids=[str(ana.id)])
    await make.task(web, assignee_ids=[str(ana.id)])
    hers = f"/api/v1/projects/WEB/members/{ana.id}"
    assert (await owner.patch(hers, json={"weekly_capacity": 20})).json()["weekly_capacity"] == 20
    assert (await client_for(bea).patch(hers, json={"weekly_capacity": 5})).status_code == 403
    mine = await client_for(bea).patch(f"/api/v1/projects/WEB/members/{bea.id}", json={"weekly_capacity": 5})
    assert (mine.status_code, mine.json()["role"]) == (200, "viewer")
    found = await owner.get(f"{WEB}/workload", params={"from": "2026-11-23", "to": "2026-11-29"})
    first, second = found.json()["items"]
    assert first == {
        "user_id": str(ana.id),
        "open": 3,
        "overdue": first["overdue"],
        "estimate": 21,
        "unestimated": 1,
        "due": 1,
        "due_estimate": 13,
        "weekly_capacity": 20,
        "capacity": 20,
        "weeks": 1.05,
    }
    assert (second["user_id"], second["open"], second["capacity"], second["weeks"]) == (str(bea.id), 0, 5, 0)
    cleared = await owner.patch(hers, json={"weekly_capacity": None})
    assert cleared.json()["weekly_capacity"] is None


@pytest.mark.parametrize("capacity", [0, -1, "20", 1e9])
async def test_a_capacity_is_a_number_of_something(owner: httpx.AsyncClient, web: MadeProject, capacity: Any) -> None:
    answer = await owner.patch(f"/api/v1/projects/WEB/members/{web.owner.id}", json={"weekly_capacity": capacity})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/weekly_capacity")


# A transaction of another database that ends between a statement's snapshot and its look at the locks gives a new ETag.
@pytest.mark.alone
async def test_a_chart_is_shown_by_the_address_of_a_share_link(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    await make.task(web, status="in_progress")
    link = (await owner.post("/api/v1/projects/WEB/share-links", json={})).json()
    anybody = client_for(None)
    charts = f"/api/v1/shared/{link['token']}/charts"
    for chart in SharedChart:
        answer = await anybody.get(f"{charts}/{chart}.svg", params={"filter": "is:open"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
        assert answer.headers.get_list("cross-origin-resource-policy") == ["cross-origin"]
        again = await anybody.get(
            f"{charts}/{chart}.svg?filter=is:open", headers={"If-None-Match": answer.headers["etag"]}
        )
        assert again.status_code == 304
    assert (await anybody.get(f"{charts}/workload.svg")).status_code == 422
    assert (await anybody.get(f"{charts}/summary.svg?filter=assignee:me")).status_code == 422
    await owner.delete(f"/api/v1/projects/WEB/share-links/{link['id']}")
    assert (await anybody.get(f"{charts}/summary.svg")).status_code == 404
    locked = (await owner.post("/api/v1/projects/WEB/share-links", json={"password": "a long password"})).json()
    address = f"/api/v1/shared/{locked['token']}/charts/summary.svg"
    assert (await anybody.get(address)).json()["code"] == "password_required"
    assert (await anybody.get(address, headers={"X-Share-Password": "a long password"})).status_code == 200
