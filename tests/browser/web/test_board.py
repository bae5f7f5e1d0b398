"""The board in a real browser, beside what `test_expectations.py` holds: cards that are dragged, carried, refused."""

import pytest
from playwright.async_api import Page, expect

from taskapi.models import ProjectRole
from tests.adversity.serving import Service
from tests.support import pages
from tests.support.boards import card, column, drag, stored, titles
from tests.support.factory import Factory, MadeProject
from tests.support.pages import Complaints

pytestmark = pytest.mark.usefixtures("built")


@pytest.fixture
async def board(page: Page, service: Service, owned: MadeProject, flawless: Complaints) -> Page:
    """Of a project whose owner is signed in, and which is still empty."""
    await pages.sign_in(page, service.url, owned.owner)
    await page.goto(f"{service.url}/projects/{owned.key}/board")
    await expect(column(page, "To do")).to_be_visible()
    return page


async def test_a_card_is_dragged_to_another_column_and_stays_there(
    board: Page, people: Factory, owned: MadeProject
) -> None:
    first = await people.task(owned, "First")
    await people.task(owned, "Second")
    await expect(card(column(board, "To do"), "Second")).to_be_visible()
    await drag(board, card(board, "First"), column(board, "In progress"))
    await expect(card(column(board, "In progress"), "First")).to_be_visible()
    await expect(board.get_by_role("status").filter(has_text="moved to In progress, 1 of 1")).to_be_attached()
    await board.reload()
    await expect(card(column(board, "In progress"), "First")).to_be_visible()
    assert await titles(column(board, "To do")) == ["Second"]
    assert (await stored(people, owned.owner, first["key"]))["status"] == "in_progress"
    await pages.accessible(board)


async def test_a_card_is_carried_by_keys(board: Page, people: Factory, owned: MadeProject) -> None:
    await people.task(owned, "Carried")
    await card(board, "Carried").focus()
    for key in ("Space", "ArrowRight", "Escape"):
        await board.keyboard.press(key)
    await expect(board.get_by_role("status").filter(has_text="stayed where it was")).to_be_attached()
    await expect(card(column(board, "To do"), "Carried")).to_be_focused()
    for key in ("Space", "ArrowRight", "Space"):
        await board.keyboard.press(key)
    await expect(card(column(board, "In progress"), "Carried")).to_be_focused()
    async with board.expect_response("**/move") as moved:
        await board.keyboard.press("Shift+ArrowLeft")
    await expect(card(column(board, "To do"), "Carried")).to_be_focused()
    assert (await moved.value).ok
    await board.keyboard.press("Control+z")
    await expect(card(column(board, "In progress"), "Carried")).to_be_visible()


async def test_a_column_that_is_full_sends_a_card_back_with_a_word(
    board: Page, people: Factory, owned: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("409")
    async with people.client(owned.owner) as client:
        statuses = (await client.get(f"/api/v1/projects/{owned.key}/statuses")).json()["items"]
        [doing] = [status["id"] for status in statuses if status["key"] == "in_progress"]
        path = f"/api/v1/projects/{owned.key}/statuses/{doing}"
        assert (await client.patch(path, json={"wip_limit": 1})).status_code == 200
    await people.task(owned, "Inside", status="in_progress")
    await people.task(owned, "Outside")
    await expect(column(board, "In progress").get_by_text("1 of 1 cards")).to_be_attached()
    await drag(board, card(board, "Outside"), column(board, "In progress"))
    await expect(board.get_by_role("status").filter(has_text="limit")).to_be_visible()
    await expect(card(column(board, "To do"), "Outside")).to_be_visible()


async def test_whose_role_was_taken_away_is_told_so(
    page: Page, service: Service, people: Factory, owned: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("403")
    await people.task(owned, "Theirs")
    bob = await people.member(owned, ProjectRole.EDITOR)
    await pages.sign_in(page, service.url, bob)
    await page.goto(f"{service.url}/projects/{owned.key}/board")
    await card(page, "Theirs").focus()
    async with people.client(owned.owner) as client:
        path = f"/api/v1/projects/{owned.key}/members/{bob.id}"
        assert (await client.patch(path, json={"role": "viewer"})).status_code == 200
    await page.keyboard.press("Shift+ArrowRight")
    await expect(card(column(page, "To do"), "Theirs")).to_be_visible()
    await page.reload()
    await expect(card(page, "Theirs")).to_be_visible()
    await expect(page.get_by_role("button", name="Add a card to")).to_have_count(0)


async def test_keys_choose_for_the_card_they_are_at(board: Page, people: Factory, owned: MadeProject) -> None:
    await people.task(owned, "Chosen")
    await card(board, "Chosen").focus()
    await board.keyboard.press("a")
    await board.get_by_role("dialog").locator("input").press("Escape")
    await expect(board.get_by_role("dialog")).to_be_hidden()
    await board.keyboard.press("d")
    await board.get_by_label("When").fill("tomorrow 17:00")
    await expect(board.get_by_role("status").filter(has_text="press Enter")).to_be_visible()
    async with board.expect_response(lambda answer: answer.request.method == "PATCH"):
        await board.get_by_label("When").press("Enter")
    await expect(board.get_by_role("dialog")).to_be_hidden()
    assert (await stored(people, owned.owner, f"{owned.key}-1"))["due_at"] is not None
    await board.keyboard.press("e")
    await expect(card(column(board, "Done"), "Chosen")).to_be_visible()
    await board.keyboard.press("Delete")
    deleted = board.get_by_role("status").filter(has_text=f"{owned.key}-1 deleted")
    await deleted.get_by_role("button", name="Undo").click()
    await expect(card(column(board, "Done"), "Chosen")).to_be_visible()


async def test_a_folded_column_still_takes_cards(board: Page, people: Factory, owned: MadeProject) -> None:
    await people.task(owned, "Folded away")
    await board.get_by_role("button", name="Fold In progress").click()
    await board.reload()
    await expect(board.get_by_role("button", name="Unfold In progress")).to_be_visible()
    await drag(board, card(board, "Folded away"), column(board, "In progress"))
    await expect(column(board, "In progress").get_by_text("1 card", exact=True)).to_be_attached()
    await board.get_by_role("button", name="Unfold In progress").click()
    await expect(card(column(board, "In progress"), "Folded away")).to_be_visible()


async def test_another_grouping_has_other_columns_and_a_drop_changes_that_field(
    board: Page, service: Service, people: Factory, owned: MadeProject
) -> None:
    made = await people.task(owned, "Urgent soon", priority="high")
    await board.goto(f"{service.url}/projects/{owned.key}/board?group=priority")
    async with board.expect_response("**/tasks/batch") as written:
        await drag(board, card(board, "Urgent soon"), column(board, "Urgent"))
    assert (await written.value).ok
    await expect(card(column(board, "Urgent"), "Urgent soon")).to_be_visible()
    async with board.expect_response(lambda answer: answer.request.method != "GET") as undone:
        await board.keyboard.press("Control+z")
    assert (await undone.value).ok
    await expect(card(column(board, "High"), "Urgent soon")).to_be_visible()
    assert (await stored(people, owned.owner, made["key"]))["priority"] == "high"


async def test_the_list_has_the_same_keys_and_the_same_bar(
    board: Page, service: Service, people: Factory, owned: MadeProject
) -> None:
    for title in ("a", "b"):
        await people.task(owned, title)
    await board.goto(f"{service.url}/projects/{owned.key}/list")
    await expect(board.locator("[data-task]")).to_have_count(2)
    for key in ("j", "x", "Shift+j", "e"):
        await board.keyboard.press(key)
    await expect(board.get_by_role("toolbar", name="Selected tasks").get_by_text("2 selected")).to_be_visible()
    changed = board.get_by_role("status").filter(has_text="2 tasks changed")
    await expect(changed).to_be_visible()
