"""Coming in: accounts, mailed links, forgotten passwords, invitations, and what each page says when it goes wrong."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.adversity.serving import Service
from tests.support import pages
from tests.support.databases import connect
from tests.support.errands import worker
from tests.support.factory import PASSWORD, Factory, MadeProject
from tests.support.mailbox import token_in
from tests.support.pages import Complaints
from tests.support.post_office import PostOffice, post_office

pytestmark = pytest.mark.usefixtures("built")
# A worker starts, reads the job and sends the mail: seconds on an idle machine, and many on a busy one.
_PATIENCE = 90.0


@pytest.fixture(scope="module")
async def office(browsed_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PostOffice]:
    """A mail server, with a worker that sends to it what the service wants to be sent."""
    async with post_office() as office:
        with worker(browsed_database, tmp_path_factory.mktemp("mailing"), TASKAPI_SMTP_URL=office.url):
            yield office


async def mailed_token(office: PostOffice, address: str) -> str:
    """Of the newest mail to an address, which is taken out of the box."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            for message in reversed(office.received):
                if message["To"] == address:
                    office.received.remove(message)
                    return token_in(message)
            await asyncio.sleep(0.05)


async def create_account(page: Page, username: str, password: str = PASSWORD) -> None:
    await expect(page.get_by_role("heading", name="Create your account")).to_be_visible()
    await page.get_by_label("Username").fill(username)
    await page.get_by_label("E-mail").fill(f"{username}@example.org")
    await page.get_by_label("Password").and_(page.locator("input")).fill(password)
    await page.get_by_role("button", name="Create account").click()


async def test_a_new_account_writes_dates_as_its_browser_does(browser: Browser, service: Service) -> None:
    context = await browser.new_context(locale="de-AT", timezone_id="America/New_York")
    page = await context.new_page()
    await page.goto(f"{service.url}/create-account")
    async with page.expect_response("**/users/me") as kept:
        await create_account(page, "gerda")
    profile = await (await kept.value).json()
    assert (profile["locale"], profile["timezone"]) == ("de-AT", "America/New_York")
    await page.get_by_role("main").get_by_role("link", name="Settings").click()
    await expect(page.get_by_label("Dates and numbers as in")).to_have_value("de-AT")
    await context.close()


async def test_a_new_account_is_signed_in_and_its_address_confirmed_by_a_press(
    page: Page, service: Service, office: PostOffice, flawless: Complaints
) -> None:
    await page.goto(f"{service.url}/sign-in")
    await page.get_by_role("link", name="Create account").click()
    await create_account(page, "nadia")
    await expect(page.get_by_role("button", name="New project")).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="confirms your address")).to_be_visible()

    await page.goto(f"{service.url}/verify-email?token={await mailed_token(office, 'nadia@example.org')}")
    button = page.get_by_role("button", name="Confirm my address")
    await expect(button).to_be_visible()
    assert "token" not in page.url
    await button.click()
    await expect(page.get_by_text("Your address is confirmed.")).to_be_visible()


async def test_a_refused_account_says_why_beside_the_field_and_loses_nothing(
    page: Page, service: Service, people: Factory, flawless: Complaints
) -> None:
    taken = await people.user("already.here")
    flawless.expect("422")
    flawless.expect("409")
    await page.goto(f"{service.url}/create-account")
    await create_account(page, "olga", "short")
    await expect(page.get_by_label("Password").and_(page.locator("[aria-invalid=true]"))).to_be_visible()
    await expect(page.get_by_label("Username")).to_have_value("olga")
    await create_account(page, taken.username)
    await expect(page.get_by_label("Username").and_(page.locator("[aria-invalid=true]"))).to_be_visible()
    await pages.accessible(page)


async def test_a_link_that_is_no_good_leads_on(page: Page, service: Service, flawless: Complaints) -> None:
    flawless.expect("400")
    flawless.expect("404")
    flawless.expect("422")
    ways = {
        "/verify-email": ("Confirm my address", "button", "Send the link again"),
        "/confirm-email": ("Use this address", "link", "Your profile"),
        "/undo-email-change": ("Take the change back", "link", "Set a new password"),
    }
    for path, (button, role, onward) in ways.items():
        await page.goto(f"{service.url}{path}?token=c29tZSBsb25nIHNlY3JldA")
        await page.get_by_role("button", name=button).click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await expect(
            page.locator("main").get_by_role("link" if role == "link" else "button", name=onward)
        ).to_be_visible()
        await page.goto(f"{service.url}{path}")
        await expect(page.get_by_text("Its address lacks the end")).to_be_visible()


async def test_a_forgotten_password_is_set_anew_once(
    page: Page, service: Service, people: Factory, office: PostOffice, flawless: Complaints
) -> None:
    ana = await people.user()
    flawless.expect("40")
    flawless.expect("422")
    await page.goto(f"{service.url}/sign-in")
    await page.get_by_role("link", name="Forgot your password?").click()
    await page.get_by_label("E-mail").fill(ana.email)
    await page.get_by_role("button", name="Mail me a link").click()
    await expect(page.get_by_role("status")).to_contain_text("a mail with a link is on its way")

    link = f"{service.url}/reset-password?token={await mailed_token(office, ana.email)}"
    await page.goto(link)
    field = page.get_by_label("New password").and_(page.locator("input"))
    await field.fill("password1234")
    await page.get_by_role("button", name="Set password").click()
    await expect(field).to_have_attribute("aria-invalid", "true")
    await field.fill("three-blue-boats-on-ice")
    await page.get_by_role("button", name="Set password").click()
    await expect(page.get_by_role("status")).to_contain_text("Your password is changed")
    await pages.fill_in(page, service.url, ana, "three-blue-boats-on-ice")

    await page.goto(link)
    await field.fill("four-blue-boats-on-ice")
    await page.get_by_role("button", name="Set password").click()
    await expect(page.get_by_role("link", name="Ask for another link")).to_be_visible()


async def test_an_invitation_leads_whoever_has_no_account_into_the_project(
    page: Page, service: Service, people: Factory, office: PostOffice, browsed_database: str, flawless: Complaints
) -> None:
    project = await people.project(key="INVITE", name="Invited here")
    await invite(people, browsed_database, project, "petra@example.org")
    await page.goto(f"{service.url}/invitations/accept?token={await mailed_token(office, 'petra@example.org')}")
    await page.get_by_role("link", name="Create account").click()
    assert "token" not in page.url
    await create_account(page, "petra")
    await page.get_by_role("button", name="Accept invitation").click()
    await page.wait_for_url("**/projects/INVITE/board")
    await expect(page.get_by_role("heading", name="Invited here")).to_be_visible()


async def test_an_invitation_for_somebody_else_says_so_and_lets_one_come_in_as_another(
    page: Page, service: Service, people: Factory, office: PostOffice, browsed_database: str, flawless: Complaints
) -> None:
    flawless.expect("403")
    project, other = await people.project(), await people.user()
    invited = await people.user()
    await invite(people, browsed_database, project, invited.email)
    await pages.sign_in(page, service.url, other)
    await page.goto(f"{service.url}/invitations/accept?token={await mailed_token(office, invited.email)}")
    await page.get_by_role("button", name="Accept invitation").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_role("button", name="Use another account").click()
    await page.get_by_role("link", name="Sign in").click()
    await page.get_by_label("Username or e-mail").fill(invited.username)
    await page.get_by_label("Password").and_(page.locator("input")).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_role("button", name="Accept invitation").click()
    await page.wait_for_url(f"**/projects/{project.key}/board")


async def test_a_provider_that_refuses_is_told_and_leaves_no_trace_in_the_address(
    page: Page, service: Service, flawless: Complaints
) -> None:
    await page.goto(f"{service.url}/oidc/complete#error=email_not_proven")
    await expect(page.get_by_role("alert")).to_contain_text("has not verified")
    assert "#" not in page.url
    await expect(page.get_by_role("link", name="Start again")).to_be_visible()


async def invite(people: Factory, database: str, project: MadeProject, email: str) -> None:
    tables = await connect(database)
    await tables.execute("UPDATE users SET email_verified = true WHERE id = $1", project.owner.id)
    await tables.close()
    async with people.client(project.owner) as owner:
        path = f"/api/v1/projects/{project.key}/invitations"
        assert (await owner.post(path, json={"email": email, "role": "editor"})).status_code == 201
