"""Who is quicker than the page: what is typed before a field is there, and a card that is let go of at once."""

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from tests.adversity.serving import Service
from tests.support import pages
from tests.support.boards import card, column
from tests.support.factory import Factory, MadeProject
from tests.support.pages import Complaints

pytestmark = pytest.mark.usefixtures("built")


@pytest.fixture
async def owned(people: Factory) -> MadeProject:
    return await people.project(await people.user())


@pytest.fixture
async def board(page: Page, service: Service, people: Factory, owned: MadeProject, flawless: Complaints) -> Page:
    await people.task(owned, "First")
    await pages.sign_in(page, service.url, owned.owner)
    await page.goto(f"{service.url}/projects/{owned.key}/board")
    await expect(card(page, "First")).to_be_visible()
    return page


async def test_a_card_falls_where_it_is_let_go_of_however_quick_that_was(board: Page) -> None:
    await card(board, "First").drag_to(column(board, "In progress"))
    await expect(card(column(board, "In progress"), "First")).to_be_visible()
    async with board.expect_response("**/move") as moved:
        await card(board, "First").drag_to(column(board, "Done"))
    assert (await moved.value).ok
    await expect(card(column(board, "Done"), "First")).to_be_visible()


async def test_a_card_that_is_let_go_of_where_it_was_stays_there(board: Page) -> None:
    written: list[str] = []
    board.on("request", lambda request: written.append(request.url) if request.method != "GET" else None)
    await card(board, "First").drag_to(column(board, "To do"))
    await card(board, "First").focus()
    async with board.expect_response("**/move"):
        await board.keyboard.press("Shift+ArrowRight")
    assert [url for url in written if "/tasks/" in url and "refresh" not in url] == written[-1:]


async def test_what_is_typed_before_a_field_is_there_goes_into_it(board: Page) -> None:
    # By their first loading: what opens is not there yet.
    await board.keyboard.press("c")
    await board.keyboard.type("Dig the beds")
    await board.keyboard.press("Enter")
    await expect(card(board, "Dig the beds")).to_be_visible()
    await expect(board.get_by_role("dialog")).to_have_count(0)

    await column(board, "In progress").get_by_role("button", name="Add a card").click()
    await board.keyboard.type("Fetch the seeds")
    await board.keyboard.press("Enter")
    await expect(card(column(board, "In progress"), "Fetch the seeds")).to_be_visible()
    await board.keyboard.press("Escape")

    await board.keyboard.press("Control+k")
    await board.keyboard.type("Key")
    await expect(board.get_by_role("textbox", name="Commands")).to_have_value("Key")


async def test_keys_are_keys_again_for_who_leaves_before_the_field_is_there(board: Page) -> None:
    released = asyncio.Event()

    async def hold(route: Route) -> None:
        await released.wait()
        await route.continue_()

    await board.route("**/assets/QuickAddDialog*", hold)
    await board.keyboard.press("c")
    await board.keyboard.type("?")
    await expect(board.get_by_role("dialog")).to_have_count(0)
    await board.keyboard.press("Escape")
    await board.keyboard.press("?")
    await expect(board.get_by_role("dialog", name="Keys")).to_be_visible()
    released.set()


async def test_the_title_is_a_field_at_once_and_esc_puts_back_what_it_was(board: Page) -> None:
    await card(board, "First").click()
    title = board.get_by_role("textbox", name="Title")
    await title.fill("Second")
    await title.press("Escape")
    await expect(title).to_have_value("First")
    await expect(board.get_by_role("heading", name="First", level=2)).to_be_focused()
    await title.fill("Third")
    await title.press("Enter")
    await expect(card(board, "Third")).to_be_visible()
    await expect(board.get_by_role("heading", name="Third", level=2)).to_be_focused()
    # Only one field at a time has that name.
    await board.keyboard.press("c")
    await expect(board.get_by_role("dialog", name="New task").get_by_label("Title")).to_be_focused()
    await expect(board.get_by_label("Title")).to_have_count(1)


async def test_a_toast_is_the_only_status_that_says_something(board: Page) -> None:
    await card(board, "First").focus()
    await board.keyboard.press("Shift+ArrowRight")
    await expect(board.get_by_role("status")).to_contain_text("moved to In progress")
    await board.keyboard.press("Delete")
    await expect(board.get_by_role("status")).to_contain_text("deleted")
