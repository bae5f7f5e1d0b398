"""What people who live in such pages ask of them again and again: fifteen expectations, each with its number.

Here are those of the board, from 1 to 9; `test_expectations_elsewhere.py` has those from 10 to 15.
"""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from taskapi.models import ProjectRole
from tests.adversity.serving import Service
from tests.support import boards, pages
from tests.support.boards import card, column, titles
from tests.support.factory import Factory, MadeProject
from tests.support.pages import Complaints

pytestmark = pytest.mark.usefixtures("built")
PHONE = ViewportSize(width=390, height=844)


@pytest.fixture
async def phone(browser: Browser, service: Service, people: Factory, owned: MadeProject) -> AsyncIterator[Page]:
    for title in ("a", "b", "c"):
        await people.task(owned, title, status="backlog")
    context = await browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    context.set_default_timeout(30_000)
    page = await context.new_page()
    await boards.opened(page, service, owned)
    await expect(card(page, "c")).to_be_visible()
    yield page
    await context.close()


async def test_01_keys_as_in_the_best_of_them_also_for_a_selection(board: Page, owned: MadeProject) -> None:
    for key in ("j", "j", "k"):
        await board.keyboard.press(key)
    await expect(card(board, "a")).to_be_focused()
    await board.keyboard.press("Enter")
    panel = board.get_by_role("complementary", name=f"Task {owned.key}-1")
    await expect(panel.get_by_role("heading", name="a", exact=True)).to_be_visible()
    await board.keyboard.press("Escape")
    await expect(card(board, "a")).to_be_focused()
    for key in ("x", "Shift+j", "s"):
        await board.keyboard.press(key)
    await board.get_by_role("option", name="In progress").click()
    await expect(column(board, "In progress").get_by_role("article")).to_have_count(2)
    for key, field in (("a", "Assignees"), ("l", "Labels"), ("d", "Due date"), ("p", "Priority")):
        await board.keyboard.press(key)
        await expect(board.get_by_role("dialog", name=f"{field} of 2 tasks")).to_be_visible()
        await board.keyboard.press("Escape")
        await expect(board.get_by_role("dialog")).to_have_count(0)
    await board.keyboard.press("f")
    await expect(board.get_by_label("Filter expression")).to_be_focused()
    await board.keyboard.type("fx?")
    await expect(board.get_by_role("dialog")).to_have_count(0)
    await board.keyboard.press("Control+a")
    await board.keyboard.press("Delete")
    for _ in range(2):
        await board.keyboard.press("Escape")
    await board.keyboard.press("?")
    await expect(board.get_by_role("dialog", name="Keys").get_by_text("Filter what is shown")).to_be_visible()
    await board.keyboard.press("Escape")
    await pages.press(board, "g l")
    await expect(board).to_have_url(re.compile(f"{owned.key}/list"))


async def test_02_escape_closes_and_keys_move_cards(board: Page) -> None:
    await card(board, "a").focus()
    async with board.expect_response("**/move"):
        await board.keyboard.press("Shift+ArrowDown")
    await expect(board.get_by_role("status").filter(has_text="moved to To do, 2 of 3")).to_be_attached()
    assert await titles(column(board, "To do")) == ["b", "a", "c"]
    async with board.expect_response("**/move") as moved:
        await board.keyboard.press("Shift+ArrowDown")
    assert (await moved.value).ok
    await board.reload()
    await expect(card(board, "a")).to_be_visible()
    assert await titles(column(board, "To do")) == ["b", "c", "a"]
    # The innermost first: the choice, then the panel, then the selection.
    await card(board, "b").focus()
    for key in ("x", "Enter"):
        await board.keyboard.press(key)
    panel = board.get_by_role("complementary")
    await panel.get_by_role("button", name="Priority: No priority").click()
    innermost = board.get_by_role("option", name="Urgent", exact=True)
    for left in (innermost, panel, board.get_by_role("toolbar")):
        await expect(left).to_be_visible()
        await board.keyboard.press("Escape")
        await expect(left).to_have_count(0)


async def test_03_a_task_is_added_in_its_column_and_from_anywhere(
    board: Page, service: Service, owned: MadeProject
) -> None:
    await board.get_by_role("button", name="Add a card to In progress").click()
    field = board.get_by_label("What is to be done in In progress")
    for title in ("One", "Two"):
        await field.fill(title)
        await field.press("Enter")
        await expect(card(column(board, "In progress"), title)).to_be_visible()
        await expect(field).to_have_value("")
    await field.press("Escape")
    await expect(board.get_by_role("button", name="Add a card to In progress")).to_be_focused()
    await card(board, "One").focus()
    await board.keyboard.press("c")
    await board.get_by_role("textbox", name="Title").fill("Three")
    await board.keyboard.press("Enter")
    await expect(card(column(board, "In progress"), "Three")).to_be_visible()
    await board.goto(f"{service.url}/inbox")
    await expect(board.get_by_role("heading", name="Inbox", level=1)).to_be_visible()
    await board.keyboard.press("Control+k")
    await expect(board.get_by_role("textbox", name="Commands and projects")).to_be_focused()
    await board.keyboard.type("Four")
    await board.get_by_text("Create “Four”").click()
    await expect(board.get_by_role("textbox", name="Title")).to_have_value("Four")
    await board.get_by_label("Project", exact=True).select_option(owned.key)
    await board.get_by_role("button", name="Create task").click()
    made = board.get_by_role("status").filter(has_text=f"{owned.key}-7 created")
    await made.get_by_role("button", name="Open").click()
    await expect(board.get_by_role("heading", name="Four", level=1)).to_be_visible()


async def test_04_a_line_is_understood_while_it_is_typed_and_kept_when_it_is_refused(
    board: Page, people: Factory, owned: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("409")
    line = "Fix the login !high @maria @nobody tomorrow every 2 weeks"
    understood = ("High", "Maria Berger", "every 2 weeks", "Not understood: @nobody")
    await people.member(owned, ProjectRole.EDITOR, await people.user("maria", full_name="Maria Berger"))
    statuses = (await boards.asked(people, owned.owner, "GET", f"/projects/{owned.key}/statuses"))["items"]
    [doing] = [f"/projects/{owned.key}/statuses/{one['id']}" for one in statuses if one["key"] == "in_progress"]
    await board.get_by_role("button", name="New task").click()
    title = board.get_by_role("textbox", name="Title")
    await title.fill(line)
    for chip in understood:
        await expect(board.get_by_role("dialog").get_by_role("status").get_by_text(chip)).to_be_visible()
    await pages.accessible(board)
    await board.keyboard.press("Escape")
    await expect(board.get_by_role("dialog")).to_be_hidden()
    await board.keyboard.press("c")
    await expect(title).to_have_value(line)
    await title.press("Enter")
    made = card(column(board, "To do"), "Fix the login @nobody")
    await expect(made.get_by_role("img", name="Priority: High")).to_be_visible()
    await expect(made.get_by_role("img", name="Maria Berger")).to_be_visible()

    await boards.asked(people, owned.owner, "PATCH", doing, wip_limit=1)
    await people.task(owned, "Fills it", status="in_progress")
    await board.get_by_role("button", name="Add a card to In progress").click()
    field = board.get_by_label("What is to be done in In progress")
    await field.fill(line)
    for chip in understood:
        await expect(column(board, "In progress").get_by_role("status").get_by_text(chip)).to_be_visible()
    await field.press("Enter")
    await expect(column(board, "In progress").get_by_text("limit")).to_be_visible()
    await board.reload()
    await board.get_by_role("button", name="Add a card to In progress").click()
    await expect(field).to_have_value(line)
    await boards.asked(people, owned.owner, "PATCH", doing, wip_limit=None)
    await field.press("Enter")
    made = card(column(board, "In progress"), "Fix the login @nobody")
    await expect(made.get_by_role("img", name="Maria Berger")).to_be_visible()
    await expect(field).to_have_value("")


async def test_05_all_fields_of_many_tasks_are_changed_in_one_step_and_back(
    board: Page, people: Factory, owned: MadeProject
) -> None:
    await boards.asked(
        people, owned.owner, "POST", f"/projects/{owned.key}/fields", key="room", name="Room", type="text"
    )
    await board.reload()
    await expect(card(board, "c")).to_be_visible()
    await board.get_by_role("checkbox", name=f"Select {owned.key}-1").click()
    await board.get_by_role("checkbox", name=f"Select {owned.key}-3").click(modifiers=["Shift"])
    bar = board.get_by_role("toolbar", name="Selected tasks")
    await expect(bar.get_by_text("3 selected")).to_be_visible()
    await pages.accessible(board)
    await board.keyboard.press("p")
    await board.get_by_role("option", name="High").click()
    await expect(board.get_by_role("img", name="Priority: High")).to_have_count(3)
    for field, value in (("Estimate", "2,5"), ("Start", "2030-02-03"), ("Room", "Cellar")):
        await bar.get_by_role("button", name="Other fields").click()
        await board.get_by_role("menuitem", name=field).click()
        await expect(board.get_by_role("dialog").get_by_label(field)).to_be_visible()
        await board.get_by_role("dialog").get_by_label(field).fill(value)
        async with board.expect_response("**/tasks/bulk") as written:
            await board.get_by_role("button", name="Set", exact=True).click()
        assert (await written.value).ok
        await expect(board.get_by_role("dialog")).to_have_count(0)
    now = await boards.stored(people, owned.owner, f"{owned.key}-2")
    assert [now["priority"], now["estimate"], now["start_on"]] == ["high", 2.5, "2030-02-03"]
    assert now["fields"] == {"room": "Cellar"}
    await expect(board.get_by_role("status").filter(has_text="3 tasks changed").last).to_be_visible()
    async with board.expect_response("**/tasks/batch") as undone:
        await board.keyboard.press("Control+z")
    assert (await undone.value).ok
    assert (await boards.stored(people, owned.owner, f"{owned.key}-2"))["fields"] == {}
    await bar.get_by_role("button", name="Delete").click()
    deleted = board.get_by_role("status").filter(has_text="3 tasks deleted")
    await expect(column(board, "To do").get_by_role("article")).to_have_count(0)
    await expect(bar).to_be_hidden()
    await deleted.get_by_role("button", name="Undo").click()
    await expect(card(board, "a")).to_be_visible()


async def test_06_a_task_goes_to_another_project_in_one_gesture(
    board: Page, people: Factory, owned: MadeProject
) -> None:
    kiosk = await people.project(owned.owner, name="Kiosk")
    await people.member(await people.project(name="Museum"), ProjectRole.VIEWER, owned.owner)
    await board.reload()
    projects = board.get_by_role("navigation").get_by_role("link")
    await boards.drag(board, card(board, "a"), projects.filter(has_text="Kiosk"))
    await expect(board.get_by_role("status").filter(has_text=f"1 task moved to {kiosk.key}")).to_be_visible()
    await expect(card(board, "a")).to_have_count(0)
    await boards.drag(board, card(board, "c"), projects.filter(has_text="Museum"))
    await expect(card(board, "c")).to_be_visible()
    await card(board, "b").focus()
    await board.keyboard.press("m")
    await expect(board.get_by_role("option", name="Kiosk")).to_be_visible()
    await expect(board.get_by_role("option", name="Museum")).to_have_count(0)
    await board.keyboard.press("ArrowDown")
    await board.keyboard.press("Enter")
    await expect(card(board, "b")).to_have_count(0)
    await board.get_by_role("navigation").get_by_role("link", name="Kiosk").click()
    await expect(card(board, "b")).to_be_visible()
    assert await titles(column(board, "To do")) == ["a", "b"]


async def test_07_on_a_phone_there_is_a_column_a_screen_and_only_a_long_press_drags(phone: Page) -> None:
    assert await phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    width = await column(phone, "Backlog").evaluate("(column) => column.getBoundingClientRect().width")
    assert width > 0.75 * PHONE["width"]
    box, goal = await card(phone, "a").bounding_box(), await card(phone, "c").bounding_box()
    assert box is not None
    assert goal is not None
    touch = await phone.context.new_cdp_session(phone)
    start = {"x": box["x"] + 60, "y": box["y"] + 40}

    async def finger(kind: str, *points: dict[str, float]) -> None:
        await touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    await finger("touchStart", start)
    for step in range(6):
        await finger("touchMove", {"x": start["x"] - 20 * step, "y": start["y"]})
    await finger("touchEnd")
    assert await titles(column(phone, "Backlog")) == ["a", "b", "c"]
    await phone.get_by_role("button", name="Fold Backlog").scroll_into_view_if_needed()

    box = await card(phone, "a").bounding_box()
    assert box is not None
    start = {"x": box["x"] + 60, "y": box["y"] + 40}
    await finger("touchStart", start)
    await expect(phone.locator("[data-carrying]")).to_be_attached()
    for step in range(1, 9):
        end = goal["y"] + goal["height"] - 5
        await finger("touchMove", {"x": start["x"], "y": start["y"] + (end - start["y"]) * step / 8})
    await expect(phone.locator("[data-over]")).to_be_attached()
    await finger("touchEnd")
    await expect(phone.locator("[data-carrying]")).not_to_be_attached()
    assert await titles(column(phone, "Backlog")) == ["b", "c", "a"]
    # Who does not drag has a menu.
    await phone.get_by_role("button", name="Move", exact=False).first.tap()
    await phone.get_by_role("menuitem", name="Done").tap()
    await expect(card(column(phone, "Done"), "b")).to_be_attached()


async def test_08_hundreds_of_tasks_open_in_one_request_and_show_more_when_asked(
    board: Page, people: Factory, owned: MadeProject
) -> None:
    for start in range(0, 300, 100):
        made = [{"op": "create", "project": owned.key, "title": f"Task {start + n}"} for n in range(100)]
        await boards.asked(people, owned.owner, "POST", "/tasks/batch", operations=made)
    asked: list[str] = []
    address = board.url
    await board.goto("about:blank")  # what was open before hears of the tasks, too, and asks for them
    board.on("request", lambda request: asked.append(request.url) if "/tasks?" in request.url else None)
    await board.goto(address)
    cards = column(board, "To do").get_by_role("article")
    await expect(cards).to_have_count(50)
    assert len(asked) == 1
    await board.get_by_role("button", name="Show more of To do").click()
    await expect(cards).to_have_count(100)
    await card(board, "a").scroll_into_view_if_needed()
    await boards.drag(board, card(board, "a"), column(board, "In progress"))
    await expect(card(column(board, "In progress"), "a")).to_be_visible()


async def test_09_what_others_do_appears_by_itself_and_nothing_jumps_back(
    board: Page, browser: Browser, service: Service, people: Factory, owned: MadeProject
) -> None:
    context = await browser.new_context()
    theirs = await context.new_page()
    await boards.opened(theirs, service, owned, await people.member(owned, ProjectRole.EDITOR))
    await board.get_by_role("button", name="Add a card to Done").click()
    typed = board.get_by_label("What is to be done in Done")
    await typed.fill("half a line")
    await boards.drag(board, card(board, "b"), column(board, "In progress"))
    await card(theirs, "a").focus()
    await theirs.keyboard.press("Shift+ArrowRight")
    for one in (board, theirs):
        await expect(card(column(one, "In progress"), "a")).to_be_visible()
        await expect(card(column(one, "In progress"), "b")).to_be_visible()
        assert await titles(column(one, "To do")) == ["c"]
    await expect(typed).to_have_value("half a line")
    await context.close()
