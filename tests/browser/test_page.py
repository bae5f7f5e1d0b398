"""The page in a real browser: served, signed in to, out of reach of scripts from elsewhere, and open to everybody."""

from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from taskapi.web.building import Building, absent
from tests.adversity.serving import Service
from tests.support import pages
from tests.support.factory import Factory
from tests.support.pages import Complaints

pytestmark = pytest.mark.usefixtures("built")
COOKIE = "rt"
REFRESH = "**/api/v1/auth/refresh"


async def test_whoever_signs_in_stays_signed_in(
    page: Page, service: Service, people: Factory, flawless: Complaints
) -> None:
    ana = await people.user()
    await pages.fill_in(page, service.url, ana)
    [cookie] = [cookie for cookie in await page.context.cookies() if cookie["name"] == COOKIE]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
    kept = await page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"
    )
    assert cookie["value"] not in kept
    assert "eyJ" not in kept
    async with page.expect_response(REFRESH) as refreshed:
        await page.reload()
    assert (await refreshed.value).status == 200


async def test_a_page_of_another_site_cannot_use_the_session(
    page: Page, service: Service, people: Factory, tmp_path: Path
) -> None:
    """Another port of one's own machine is the same site, so the browser sends the cookie along; its origin tells."""
    ana = await people.user()
    await pages.fill_in(page, service.url, ana)
    with pages.foreign_site(tmp_path) as elsewhere:
        await page.goto(elsewhere)
        asked = await page.evaluate(
            """async (url) => {
                const body = JSON.stringify({ session: "cookie" });
                const plain = { method: "POST", credentials: "include", mode: "no-cors", body };
                const json = { "Content-Type": "application/json", "X-Requested-By": "evil" };
                await fetch(`${url}/api/v1/auth/logout`, { ...plain, body: "" }).catch(() => null);
                return fetch(`${url}/api/v1/auth/refresh`, { ...plain, mode: "cors", headers: json })
                    .then(() => "answered", (error) => error.name);
            }""",
            service.url,
        )
        assert asked == "TypeError"
    async with page.expect_response(REFRESH) as refreshed:
        await page.goto(service.url)
    assert (await refreshed.value).status == 200


async def test_a_page_whose_files_another_replica_does_not_know_is_asked_for_again(
    page: Page, service: Service, flawless: Complaints
) -> None:
    flawless.expect("404")
    asked: list[str] = []

    async def upgrading(route: Route) -> None:
        asked.append(route.request.url)
        await (route.fulfill(status=404) if len(asked) < 3 else route.continue_())

    await page.route("**/assets/index-*.js", upgrading)
    await page.goto(f"{service.url}/sign-in", wait_until="commit")
    await expect(page.get_by_text("loads again by itself")).to_be_visible()
    await expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    assert len(asked) == 3
    assert await page.evaluate("sessionStorage.getItem('taskapi.started-again')") is None


async def test_an_address_shows_that_the_page_is_being_built_and_then_the_page(
    page: Page, service: Service, flawless: Complaints
) -> None:
    flawless.expect("503")
    building = Building("Installing node: 3 s")

    async def absence(route: Route) -> None:
        document, _ = absent(building)
        await route.fulfill(status=503, content_type="text/html; charset=utf-8", body=document)

    await page.route("**/sign-in", absence)
    await page.goto(f"{service.url}/sign-in")
    await expect(page.get_by_role("heading", name="The page is being built")).to_be_visible()
    await expect(page.get_by_role("status")).to_have_text("Installing node: 3 s")
    await pages.accessible(page)
    building.doing = "Building the page"
    await expect(page.get_by_role("status")).to_have_text("Building the page")
    building.doing, building.failed = "", "Building the page"
    await expect(page.get_by_role("heading", name="The page could not be built")).to_be_visible()
    await expect(page.get_by_text("make web")).to_be_visible()
    await pages.accessible(page)
    await page.unroute("**/sign-in")
    await expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


async def test_the_sign_in_is_open_to_everybody(page: Page, service: Service, flawless: Complaints) -> None:
    await page.goto(f"{service.url}/sign-in")
    await expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    await pages.accessible(page)
