"""Looking after the service: its people, its jobs, what happened, and how it is."""

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from taskapi.models import ProjectRole
from tests.adversity.serving import Service
from tests.support import pages
from tests.support.authenticator import set_up
from tests.support.databases import connect
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.pages import Complaints

pytestmark = pytest.mark.usefixtures("built")
PARTS = ("users", "jobs", "audit", "health")
FAILED_JOB = (
    "INSERT INTO jobs.pgqueuer (priority, status, entrypoint, payload, created)"
    " VALUES (10, 'failed', 'tests.job', '{}', now()) RETURNING id"
)


@pytest.fixture
async def root(page: Page, service: Service, people: Factory, flawless: Complaints) -> Person:
    """An administrator, who is signed in."""
    root = await people.user(admin=True)
    await pages.sign_in(page, service.url, root)
    return root


async def open_part(page: Page, service: Service, part: str) -> None:
    await page.goto(f"{service.url}/admin/{part}")
    await expect(page.get_by_role("heading", level=2).first).to_be_visible()


def row(page: Page, person: Person) -> Locator:
    return page.get_by_role("list", name="People").get_by_role("listitem").filter(has_text=person.email)


async def find(page: Page, person: Person) -> None:
    await page.get_by_label("Find by name or address").fill(person.email)
    await page.keyboard.press("Enter")
    await expect(row(page, person)).to_be_visible()


async def knock(page: Page, service: Service, person: Person) -> None:
    await page.goto(f"{service.url}/sign-in")
    await page.get_by_label("Username or e-mail").fill(person.username)
    await page.get_by_label("Password").and_(page.locator("input")).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.usefixtures("root")
async def test_every_part_is_open_to_everybody_who_may(page: Page, service: Service) -> None:
    for part in PARTS:
        await open_part(page, service, part)
        await pages.accessible(page)
    await page.set_viewport_size({"width": 390, "height": 800})
    for part in PARTS:
        await open_part(page, service, part)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390, part


async def test_who_is_no_administrator_sees_nothing_of_it(
    page: Page, service: Service, people: Factory, flawless: Complaints
) -> None:
    await pages.sign_in(page, service.url, await people.user())
    await page.goto(service.url)
    await page.get_by_role("button", name="Your account").click()
    await expect(page.get_by_role("menuitem", name="Sign out")).to_be_visible()
    await expect(page.get_by_role("menuitem", name="Administration")).to_be_hidden()
    await page.goto(f"{service.url}/admin/users")
    await expect(page.get_by_text("Only administrators of the service see this.")).to_be_visible()
    await expect(page.get_by_role("list", name="People")).to_be_hidden()


async def test_somebody_is_locked_out_and_let_in_again(
    page: Page, browser: Browser, service: Service, people: Factory, root: Person
) -> None:
    ana = await people.user()
    await open_part(page, service, "users")
    await find(page, ana)
    may = row(page, ana).get_by_label(f"{ana.username} may sign in")
    async with page.expect_response("**/api/v1/users/*") as locked:
        await may.press("Space")
    assert (await locked.value).ok
    context = await browser.new_context()
    hers = await context.new_page()
    await knock(hers, service, ana)
    await expect(hers.get_by_role("alert")).to_be_visible()
    await page.get_by_label("Account", exact=True).select_option("inactive")
    await expect(row(page, ana)).to_be_visible()
    async with page.expect_response("**/api/v1/users/*") as opened:
        await may.press("Space")
    assert (await opened.value).ok
    await knock(hers, service, ana)
    await expect(hers.get_by_role("button", name="Your account")).to_be_visible()
    await context.close()


async def test_somebody_is_made_an_administrator_signed_out_and_deleted(
    page: Page, service: Service, people: Factory, root: Person
) -> None:
    ana = await people.user()
    await open_part(page, service, "users")
    await find(page, ana)
    async with page.expect_response("**/api/v1/users/*") as changed:
        await page.get_by_label(f"Role of {ana.username}").select_option("admin")
    assert (await (await changed.value).json())["role"] == "admin"
    await page.get_by_role("button", name=f"End all sessions of {ana.username}").click()
    await expect(page.get_by_role("status").filter(has_text="is signed out everywhere")).to_be_visible()
    async with people.client(ana) as hers:
        assert (await hers.get("/api/v1/users/me")).status_code == 401
    delete = page.get_by_role("button", name=f"Delete {ana.username}")
    await delete.click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    await expect(delete).to_be_focused()
    await delete.click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("Nobody like that")).to_be_visible()


async def test_who_has_lost_the_app_comes_in_by_password_alone(
    page: Page, browser: Browser, service: Service, people: Factory, root: Person
) -> None:
    ana = await people.user()
    async with people.client(ana) as hers:
        await set_up(hers)
    context = await browser.new_context()
    other = await context.new_page()
    await knock(other, service, ana)
    await expect(other.get_by_label("Code of your authenticator app")).to_be_visible()
    await open_part(page, service, "users")
    await find(page, ana)
    await page.get_by_role("button", name=f"Turn the second factor of {ana.username} off").click()
    await page.get_by_role("dialog").get_by_role("button", name="No second factor").click()
    await expect(page.get_by_role("status").filter(has_text="The second factor of")).to_be_visible()
    await knock(other, service, ana)
    await expect(other.get_by_role("button", name="Your account")).to_be_visible()
    await context.close()


async def test_nobody_locks_themselves_out(page: Page, service: Service, root: Person) -> None:
    await open_part(page, service, "users")
    await find(page, root)
    await expect(row(page, root)).to_contain_text("Administrator, you")
    await expect(row(page, root).get_by_role("button")).to_have_count(0)
    await expect(row(page, root).get_by_role("switch")).to_have_count(0)


async def test_a_job_that_failed_is_tried_again_and_another_discarded(
    page: Page, service: Service, browsed_database: str, root: Person
) -> None:
    tables = await connect(browsed_database)
    retried, discarded = [await tables.fetchval(FAILED_JOB) for _ in range(2)]
    await tables.close()
    await open_part(page, service, "jobs")
    await page.get_by_label("State").select_option("failed")
    rows = page.get_by_role("list", name="Jobs").get_by_role("listitem")
    await expect(rows).to_have_count(2)
    await page.get_by_role("button", name=f"Try job {retried} again").click()
    await expect(rows).to_have_count(1)
    await page.get_by_role("button", name=f"Discard job {discarded}").click()
    await page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    await expect(page.get_by_text("No jobs")).to_be_visible()


async def test_the_audit_says_who_did_what_where(page: Page, service: Service, people: Factory, root: Person) -> None:
    project = await people.project(await people.user(full_name="Olga Owner"))
    await people.member(project, ProjectRole.VIEWER)
    await open_part(page, service, "audit")
    await page.get_by_label("Project's key").fill(project.key)
    await page.keyboard.press("Enter")
    events = page.get_by_role("table", name="Events").get_by_role("row").filter(has_text="member.added")
    await expect(events.first).to_contain_text("Olga Owner")
    await page.get_by_label("What happened").select_option("project.transferred")
    await expect(page.get_by_text("Nothing like that")).to_be_visible()


@pytest.mark.usefixtures("root")
async def test_the_health_of_the_service_is_told(page: Page, service: Service) -> None:
    await open_part(page, service, "health")
    await expect(page.get_by_role("row", name="Takes changes yes")).to_be_visible()
    await expect(page.get_by_role("row", name="database ok")).to_be_visible()
