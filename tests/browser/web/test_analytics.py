"""The page of numbers: drawn at first sight, taken along as a table and as a picture, written as its reader writes."""

import pytest
from playwright.async_api import Page, expect

from tests.adversity.serving import Service
from tests.support import pages
from tests.support.boards import asked
from tests.support.factory import Factory
from tests.support.pages import Complaints

pytestmark = pytest.mark.usefixtures("built")


async def test_the_summary_is_drawn_and_taken_along(
    page: Page, service: Service, people: Factory, flawless: Complaints
) -> None:
    ana = await people.user()
    project = await people.project(ana)
    for title in ("First", "Second"):
        await people.task(project, title)
    await pages.sign_in(page, service.url, ana)
    await page.goto(f"{service.url}/projects/{project.key}/analytics")
    await expect(page.get_by_role("img", name="Tasks by status").locator(".recharts-bar-rectangle")).not_to_have_count(
        0
    )
    await expect(page.get_by_role("region", name="Open")).to_contain_text("2")
    assert b"open,2" in await _taken(page, "Save as CSV")
    assert (await _taken(page, "Save as PNG")).startswith(b"\x89PNG")
    await pages.accessible(page)


async def test_hours_are_written_as_the_reader_writes_numbers(
    page: Page, service: Service, people: Factory, flawless: Complaints
) -> None:
    ana = await people.user()
    await asked(people, ana, "PATCH", "/users/me", locale="de")
    project = await people.project(ana)
    task = await people.task(project, "First")
    times = {"started_at": "2026-01-05T08:00:00Z", "ended_at": "2026-01-05T09:30:00Z"}
    await asked(people, ana, "POST", f"/tasks/{task['key']}/time-entries", **times)
    await pages.sign_in(page, service.url, ana)
    await page.goto(f"{service.url}/projects/{project.key}/analytics?report=time&from=2026-01-01")
    await expect(page.get_by_role("cell", name="1,5 h").first).to_be_visible()


async def _taken(page: Page, button: str) -> bytes:
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name=button).click()
    return (await (await downloading.value).path()).read_bytes()
