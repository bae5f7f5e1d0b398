"""What belongs to one person: profile, sign-in, tokens, and the end of the account."""

from typing import Any

import httpx
import pytest
from playwright.async_api import Locator, Page, Response, expect

from tests.adversity.serving import Service
from tests.support import pages
from tests.support.authenticator import Authenticator
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.pages import Complaints

pytestmark = pytest.mark.usefixtures("built")
PARTS = (
    "profile",
    "notifications",
    "password",
    "second-factor",
    "sessions",
    "tokens",
    "identities",
    "feeds",
    "data",
)


@pytest.fixture
async def ana(page: Page, service: Service, people: Factory, flawless: Complaints) -> Person:
    """Signed in, with a page in which nothing goes wrong but what a test expects."""
    ana = await people.user()
    await pages.sign_in(page, service.url, ana)
    return ana


async def open_part(page: Page, service: Service, part: str) -> None:
    await page.goto(f"{service.url}/settings/{part}")
    await expect(page.get_by_role("heading", level=2).first).to_be_visible()


def password(page: Page | Locator, label: str = "Current password") -> Locator:
    return page.get_by_label(label).and_(page.locator("input"))


@pytest.mark.usefixtures("ana")
async def test_every_part_is_open_to_everybody(page: Page, service: Service) -> None:
    headings = set()
    for part in PARTS:
        await open_part(page, service, part)
        await pages.accessible(page)
        headings.add(await page.get_by_role("heading", level=2).first.text_content())
    assert len(headings) == len(PARTS)


@pytest.mark.usefixtures("ana")
async def test_no_part_is_wider_than_a_phone(page: Page, service: Service) -> None:
    await page.set_viewport_size({"width": 390, "height": 800})
    for part in PARTS:
        await open_part(page, service, part)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390, part


@pytest.mark.usefixtures("ana")
async def test_the_profile_is_kept(page: Page, service: Service) -> None:
    await open_part(page, service, "profile")
    await page.get_by_label("Full name").fill("Ana Lima")
    await page.get_by_label("Dates and numbers as in").select_option("pt-BR")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("Full name")).to_have_value("Ana Lima")
    await expect(page.get_by_label("Dates and numbers as in")).to_have_value("pt-BR")


@pytest.mark.usefixtures("ana")
async def test_another_address_needs_the_password(page: Page, service: Service, flawless: Complaints) -> None:
    flawless.expect("403")
    await open_part(page, service, "profile")
    await page.get_by_label("New address").fill("ana.lima@example.org")
    await password(page).fill("not the password")
    await page.get_by_role("button", name="Change address").click()
    await expect(password(page)).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_label("New address")).to_have_value("ana.lima@example.org")
    await password(page).fill(PASSWORD)
    await page.get_by_role("button", name="Change address").click()
    await expect(page.get_by_role("status").filter(has_text="mailed to the new address")).to_be_visible()


def _is_choice(answer: Response) -> bool:
    return answer.request.method == "PATCH" and answer.url.endswith("/notifications/preferences")


@pytest.mark.usefixtures("ana")
async def test_what_one_is_told_is_kept_as_it_is_chosen(page: Page, service: Service) -> None:
    await open_part(page, service, "notifications")
    mail = page.get_by_label("Mail: Somebody mentioned you")
    async with page.expect_response(_is_choice) as first:
        await mail.select_option("off")
    assert (await first.value).ok
    async with page.expect_response(_is_choice) as second:
        await page.get_by_label("Quiet hours").check()
    assert (await second.value).ok
    await page.reload()
    await expect(mail).to_have_value("off")
    await expect(page.get_by_label("Until")).to_have_value("07:00")


@pytest.mark.usefixtures("ana")
async def test_a_password_is_changed_by_who_knows_the_old_one(
    page: Page, service: Service, flawless: Complaints
) -> None:
    flawless.expect("403")
    await open_part(page, service, "password")
    await password(page).fill("not the password")
    await password(page, "New password").fill("three-blue-boats-on-ice")
    await page.get_by_role("button", name="Change password").click()
    await expect(password(page)).to_have_attribute("aria-invalid", "true")
    await password(page).fill(PASSWORD)
    await page.get_by_role("button", name="Change password").click()
    await expect(page.get_by_role("status").filter(has_text="Your password is changed")).to_be_visible()


async def test_a_second_factor_is_set_up_and_asked_for(
    page: Page, service: Service, ana: Person, flawless: Complaints
) -> None:
    flawless.expect("401")
    await open_part(page, service, "second-factor")
    start = page.get_by_role("region", name="Second factor")
    await password(start).fill(PASSWORD)
    await start.get_by_role("button", name="Set up").click()
    await expect(start.get_by_role("img", name="QR code")).to_be_visible()
    app = Authenticator(await start.locator("code").inner_text(), [])
    await start.get_by_label("Code that the app shows").fill(app.wrong_code())
    flawless.expect("40")
    flawless.expect("422")
    await start.get_by_role("button", name="Turn on").click()
    await expect(start.get_by_label("Code that the app shows")).to_have_attribute("aria-invalid", "true")
    await start.get_by_label("Code that the app shows").fill(app.code())
    await start.get_by_role("button", name="Turn on").click()
    await expect(start.get_by_text("Copy it now: it is not shown again.")).to_be_visible()
    recovery = (await start.locator("pre").inner_text()).split()
    assert len(recovery) == 10

    await page.get_by_role("button", name="Your account").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await page.get_by_label("Username or e-mail").fill(ana.username)
    await password(page, "Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    code = page.get_by_label("Code of your authenticator app")
    await code.fill(app.wrong_code())
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await code.fill(recovery[0])
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("button", name="New project")).to_be_visible()


async def test_another_session_is_ended(page: Page, service: Service, ana: Person) -> None:
    await open_part(page, service, "sessions")
    rows = page.get_by_role("list", name="Sessions").get_by_role("listitem")
    await expect(rows).to_have_count(2)
    await page.get_by_role("button", name="End the session of").click()
    await expect(rows).to_have_count(1)
    await expect(rows.first).to_contain_text("This one")


@pytest.mark.usefixtures("ana")
async def test_a_token_is_shown_once(page: Page, service: Service, flawless: Complaints) -> None:
    flawless.expect("422")
    await open_part(page, service, "tokens")
    await page.get_by_label("Name").fill("Nightly report")
    await page.get_by_role("button", name="Create token").click()
    await expect(page.get_by_role("group", name="It may")).to_be_visible()
    await expect(page.get_by_role("list", name="Your tokens")).to_be_hidden()
    await page.get_by_label("Read tasks, comments and files").check()
    await page.get_by_role("button", name="Create token").click()
    await expect(page.get_by_text("tapi_").first).to_be_visible()
    secret = await page.locator("pre").inner_text()
    await page.reload()
    row = page.get_by_role("list", name="Your tokens").get_by_role("listitem")
    await expect(row).to_contain_text("Nightly report")
    await expect(page.get_by_text(secret)).to_be_hidden()
    await page.get_by_role("button", name="Revoke Nightly report").click()
    await page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    await expect(page.get_by_text("No tokens")).to_be_visible()


@pytest.mark.usefixtures("ana")
async def test_a_feed_has_an_address_that_is_shown_once(page: Page, service: Service, flawless: Complaints) -> None:
    flawless.expect("422")
    await open_part(page, service, "feeds")
    await page.get_by_label("Label").fill("Phone")
    await page.get_by_label("Filter").fill("nonsense:")
    await page.get_by_role("button", name="Create feed").click()
    await expect(page.get_by_label("Filter")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Filter").fill("assignee:me")
    await page.get_by_role("button", name="Create feed").click()
    await expect(page.get_by_text(".ics")).to_be_visible()
    await expect(page.get_by_role("list", name="Your feeds")).to_contain_text("Phone")


async def test_all_is_taken_along_and_the_account_ended(
    page: Page, service: Service, ana: Person, flawless: Complaints
) -> None:
    flawless.expect("403")
    await open_part(page, service, "data")
    async with page.expect_download() as coming:
        await page.get_by_role("button", name="Download my data").click()
    assert (await coming.value).suggested_filename.endswith(".zip")
    await password(page).fill("not the password")
    await page.get_by_role("button", name="Delete my account").click()
    await expect(password(page)).to_have_attribute("aria-invalid", "true")
    await password(page).fill(PASSWORD)
    await page.get_by_role("button", name="Delete my account").click()
    await expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


async def ask(service: Service, path: str, token: str) -> Any:
    async with httpx.AsyncClient(base_url=service.url, headers={"Authorization": f"Bearer {token}"}) as client:
        return await client.get(path)


async def test_all_other_sessions_end_and_this_one_goes_on(page: Page, service: Service, ana: Person) -> None:
    async with httpx.AsyncClient(base_url=service.url) as client:
        granted = await client.post("/api/v1/auth/login", json={"username": ana.username, "password": PASSWORD})
    elsewhere = granted.json()["access_token"]
    assert (await ask(service, "/api/v1/users/me", elsewhere)).status_code == 200
    await open_part(page, service, "sessions")
    rows = page.get_by_role("list", name="Sessions").get_by_role("listitem")
    await expect(rows).to_have_count(3)
    await page.get_by_role("button", name="End all others").click()
    await expect(rows).to_have_count(1)
    await expect(page.get_by_role("button", name="End all others")).to_be_hidden()
    assert (await ask(service, "/api/v1/users/me", elsewhere)).status_code == 401
    await page.reload()
    await expect(rows.first).to_contain_text("This one")


async def test_a_token_opens_what_was_ticked_where_it_was_chosen(
    page: Page, service: Service, people: Factory, ana: Person
) -> None:
    one, other = await people.project(ana, name="Attic"), await people.project(ana, name="Cellar")
    await open_part(page, service, "tokens")
    await page.get_by_label("Name").fill("Dashboard")
    await page.get_by_label("Read tasks, comments and files").check()
    await page.get_by_label("Only in these projects").first.focus()
    await page.keyboard.press("ArrowDown")
    await page.get_by_role("option", name="Attic").click()
    await page.keyboard.press("Escape")
    until = page.get_by_label("Good until")
    await until.fill("2020-01-01")
    await page.get_by_role("button", name="Create token").click()
    assert not await until.evaluate("(field) => field.validity.valid")
    await until.fill(await until.get_attribute("max") or "")
    await page.get_by_role("button", name="Create token").click()
    secret = await page.locator("pre").inner_text()
    row = page.get_by_role("list", name="Your tokens").get_by_role("listitem")
    await expect(row).to_contain_text("only in Attic")
    await expect(row).to_contain_text("tasks:read")
    assert (await ask(service, one.tasks_path, secret)).status_code == 200
    assert (await ask(service, other.tasks_path, secret)).status_code == 404
    assert (await ask(service, f"/api/v1/projects/{one.key}/members", secret)).status_code == 403
    await page.get_by_role("button", name="Revoke Dashboard").click()
    await page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    await expect(page.get_by_text("No tokens")).to_be_focused()
    assert (await ask(service, one.tasks_path, secret)).status_code == 401


@pytest.mark.usefixtures("ana")
async def test_recovery_codes_are_made_anew_and_the_second_factor_is_turned_off(
    page: Page, service: Service, flawless: Complaints
) -> None:
    flawless.expect("40")
    flawless.expect("422")
    await open_part(page, service, "second-factor")
    start = page.get_by_role("region", name="Second factor", exact=True)
    await password(start).fill("not the password")
    await start.get_by_role("button", name="Set up").click()
    await expect(password(start)).to_have_attribute("aria-invalid", "true")
    await password(start).fill(PASSWORD)
    await start.get_by_role("button", name="Set up").click()
    app = Authenticator(await start.locator("code").inner_text(), [])
    await start.get_by_label("Code that the app shows").fill(app.code())
    await start.get_by_role("button", name="Turn on").click()
    first = (await start.locator("pre").inner_text()).split()
    async with page.expect_download() as coming:
        await start.get_by_role("button", name="Download").click()
    assert (await (await coming.value).path()).read_text().split() == first

    renewal = page.get_by_role("region", name="New recovery codes")
    field = renewal.get_by_label("Code of the app, or a recovery code")
    await field.fill(app.wrong_code())
    await renewal.get_by_role("button", name="Make new codes").click()
    await expect(field).to_have_attribute("aria-invalid", "true")
    # A code of the app works once, and this one has been used.
    await field.fill(first[0])
    await renewal.get_by_role("button", name="Make new codes").click()
    second = (await renewal.locator("pre").inner_text()).split()
    assert len(second) == 10
    assert not {*first} & {*second}

    end = page.get_by_role("region", name="Turn off")
    await password(end).fill(PASSWORD)
    await end.get_by_label("Code of the app, or a recovery code").fill(first[1])
    await end.get_by_role("button", name="Turn off").click()
    await expect(end.get_by_label("Code of the app, or a recovery code")).to_have_attribute("aria-invalid", "true")
    await end.get_by_label("Code of the app, or a recovery code").fill(second[0])
    await end.get_by_role("button", name="Turn off").click()
    await expect(end.get_by_role("status")).to_contain_text("The second factor is off.")


async def test_a_feed_is_read_by_its_address_until_it_is_revoked(
    page: Page, service: Service, people: Factory, ana: Person
) -> None:
    project = await people.project(ana, name="Attic")
    await people.task(project, "Air the rooms", due_on="2026-12-24")
    await open_part(page, service, "feeds")
    await page.get_by_label("Label").fill("Phone")
    await page.get_by_label("Project").select_option(label="Attic")
    await page.get_by_role("button", name="Create feed").click()
    address = await page.locator("pre").inner_text()
    path = address[address.index("/api/") :]
    async with httpx.AsyncClient(base_url=service.url) as calendar:
        assert "Air the rooms" in (await calendar.get(path)).text
        await page.get_by_role("button", name="Revoke Phone").click()
        await page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
        await expect(page.get_by_text("No feeds")).to_be_visible()
        assert (await calendar.get(path)).status_code == 404


@pytest.mark.usefixtures("ana")
async def test_each_kind_has_its_own_choice_and_a_refused_one_is_put_back(
    page: Page, service: Service, flawless: Complaints
) -> None:
    await open_part(page, service, "notifications")
    inbox = page.get_by_label("Inbox: A task was assigned to you")
    async with page.expect_response("**/notifications/preferences") as kept:
        await inbox.uncheck()
    assert (await kept.value).ok
    await page.reload()
    await expect(inbox).not_to_be_checked()
    await expect(page.get_by_label("Inbox: Somebody mentioned you")).to_be_checked()

    flawless.expect("403")
    problem = {"status": 403, "code": "forbidden", "title": "No", "detail": "Not now"}
    await page.route(
        "**/notifications/preferences",
        lambda route: (
            route.fulfill(status=403, json=problem, content_type="application/problem+json")
            if route.request.method == "PATCH"
            else route.continue_()
        ),
    )
    await page.get_by_label("Inbox: Somebody mentioned you").click()
    await expect(page.get_by_role("status").filter(has_text="Not now")).to_be_visible()
    await expect(page.get_by_label("Inbox: Somebody mentioned you")).to_be_checked()
