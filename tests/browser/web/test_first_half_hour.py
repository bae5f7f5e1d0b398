"""A new team's first half hour: where nothing is yet, the page says what to do next and offers it."""

import pytest
from playwright.async_api import Page, expect

from taskapi.models import ProjectRole
from tests.adversity.serving import Service
from tests.support import pages
from tests.support.factory import Factory
from tests.support.pages import Complaints

pytestmark = pytest.mark.usefixtures("built")


async def test_from_no_project_to_the_first_task(
    page: Page, service: Service, people: Factory, flawless: Complaints
) -> None:
    await pages.sign_in(page, service.url, await people.user("nora"))
    main = page.get_by_role("main")
    await page.goto(f"{service.url}/inbox")
    await main.get_by_role("link", name="Choose what you are told").click()
    await expect(page.get_by_role("heading", name="What you are told")).to_be_visible()
    await page.goto(f"{service.url}/projects")
    await expect(main.get_by_role("button", name="Create the first project")).to_be_visible()
    await main.get_by_label("Find a project").fill("nothing of the kind")
    await expect(main.get_by_text("No project fits.")).to_be_visible()
    await page.goto(service.url)
    await main.get_by_role("button", name="Create the first project").click()
    dialog = page.get_by_role("dialog", name="New project")
    await dialog.get_by_label("Name").fill("First plan")
    await dialog.get_by_label("Key").fill("FIRST")
    await dialog.get_by_role("button", name="Create project").click()
    await page.wait_for_url("**/projects/FIRST/board")
    await expect(page.get_by_role("button", name="Add a card").first).to_be_visible()

    for view in ("files", "trash", "calendar", "timeline", "list?group=status", "board?group=label", "list"):
        await page.goto(f"{service.url}/projects/FIRST/{view}")
        offered = {
            "files": page.get_by_role("link", name="Go to the tasks"),
            "trash": page.get_by_text("Nothing is in the trash."),
            "calendar": page.get_by_role("button", name="Create one with a date"),
            "timeline": page.get_by_role("button", name="Create one with a date"),
        }.get(view, page.get_by_role("button", name="Create the first task"))
        await expect(offered, view).to_be_visible()
    await page.get_by_role("button", name="Create the first task").click()
    await page.get_by_role("dialog").get_by_label("Title").fill("Paint the door")
    await page.get_by_role("button", name="Create task").click()
    await expect(page.locator("[data-task=FIRST-1]")).to_be_visible()
    await expect(page.get_by_role("button", name="Create the first task")).to_have_count(0)


async def test_who_may_not_write_is_offered_nothing_and_a_filter_can_be_taken_off(
    page: Page, service: Service, people: Factory, flawless: Complaints
) -> None:
    project = await people.project(key="QUIET")
    viewer = await people.member(project, ProjectRole.VIEWER)
    await pages.sign_in(page, service.url, viewer)
    await page.goto(f"{service.url}/projects/QUIET/list")
    await expect(page.get_by_text("No tasks yet.")).to_be_visible()
    await expect(page.get_by_role("button", name="Create the first task")).to_have_count(0)
    await people.task(project, "A door")
    await page.goto(f"{service.url}/projects/QUIET/list?filter=priority%3Aurgent")
    await page.get_by_role("button", name="Show all tasks").click()
    await expect(page.locator("[data-task=QUIET-1]")).to_be_visible()
    assert "filter" not in page.url


async def test_who_is_signed_in_is_led_on_from_the_form_and_sees_what_is_shared(
    page: Page, service: Service, people: Factory, flawless: Complaints
) -> None:
    project = await people.project(key="SHOWN", name="Shown to all")
    await people.task(project, "A window")
    async with people.client(project.owner) as owner:
        link = (await owner.post("/api/v1/projects/SHOWN/share-links", json={"label": "all"})).json()
    await pages.sign_in(page, service.url, project.owner)
    await page.goto(f"{service.url}/sign-in?next=%2Fprojects%2FSHOWN%2Flist")
    await page.wait_for_url("**/projects/SHOWN/list")
    # A tab that is just opened knows nobody yet when it asks for what is shared.
    await page.goto(f"{service.url}/shared/{link['token']}?view=list")
    await expect(page.get_by_text("A window")).to_be_visible()
    await expect(page).to_have_title("Shared with you, to read · Shown to all · taskapi")
    views = page.get_by_role("navigation", name="Views")
    await expect(views.locator("[aria-current=page]")).to_have_text(["List"])
    await views.get_by_role("link", name="Board").click()
    await expect(views.locator("[aria-current=page]")).to_have_text(["Board"])
