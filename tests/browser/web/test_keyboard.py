"""The page without a pointer: every key of the table, where the focus is, and what Esc closes."""

import asyncio
import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.adversity.serving import Service
from tests.support import pages
from tests.support.factory import Factory, MadeProject
from tests.support.pages import Complaints

pytestmark = pytest.mark.usefixtures("built")
_KEYMAP = Path(__file__).parents[3] / "web" / "src" / "keyboard" / "keymap.ts"
_DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
# Each when what the one before does is drawn, and before the focus has gone back to where it was.
_IN_A_MOMENT = """async (keys) => {
    for (const key of keys) {
        const event = new KeyboardEvent("keydown", { key, code: key, bubbles: true, cancelable: true });
        document.activeElement.dispatchEvent(event);
        for (let turn = 0; turn < 20; turn += 1) await null;
    }
}"""
# Before the browser has painted what it sees: sooner than anybody's hand.
_KEY_AT_FIRST_SIGHT = """
    new MutationObserver((_, observer) => {
        if (![...document.querySelectorAll("%s")].some((one) => one.checkVisibility())) return;
        observer.disconnect();
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { %s, bubbles: true }));
    }).observe(document, { childList: true, subtree: true });
"""
_WHERE = """() => ["MAIN", "HEADER", "NAV"].find((name) => document.activeElement.closest(name)) ?? "nowhere" """

# What each key does, by what is seen of it.
DIALOGS = {
    "help": "Keys",
    "palette": "Commands and projects",
    "create": "New task",
    "status": "Status of ",
    "assignee": "Assignees of ",
    "priority": "Priority of ",
    "labels": "Labels of ",
    "due": "Due date of ",
    "moveToProject": "Project of ",
}
PLACES = {
    "goInbox": "/inbox",
    "goProjects": "/projects",
    "goList": "/projects/{key}/list",
    "goCalendar": "/projects/{key}/calendar",
    "goTimeline": "/projects/{key}/timeline",
    "goAnalytics": "/projects/{key}/analytics",
    "goSettings": "/projects/{key}/settings",
    "goBoard": "/projects/{key}/board",
    "goHome": "/",
}
STEPS = {"next": ("a", "b"), "previous": ("b", "a"), "right": ("a", "d"), "left": ("d", "a")}
SELECTIONS = {"select": ("a", 1), "selectNext": ("a", 2), "selectPrevious": ("c", 2), "selectAll": ("a", 4)}
MOVES = {
    "moveDown": ("a", "To do, 2 of 3"),
    "moveUp": ("a", "To do, 1 of 3"),
    "moveRight": ("a", "In progress, 1 of 2"),
    "moveLeft": ("a", "To do, 1 of 3"),
}
OTHERS = {"search", "filter", "open", "close", "selectRange", "carry", "complete", "undo", "remove"}


def keymap() -> dict[str, list[str]]:
    """The table of the page, with the keys as a browser is told of them."""
    lines = re.findall(r"^  (\w+): key\(\"\w+\", (.+)\),$", _KEYMAP.read_text(), re.MULTILINE)
    return {action: [pressed(keys) for keys in re.findall(r'"([^"]+)"', listed)] for action, listed in lines}


def pressed(keys: str) -> str:
    return keys.replace("mod+", "Control+").replace("shift+", "Shift+")


KEYS = keymap()


@pytest.fixture
async def project(people: Factory) -> MadeProject:
    """Three cards to do, one in progress, and another project to go to."""
    project = await people.project(await people.user(full_name="Ana Lima"), name="Keys in hand")
    await people.project(project.owner, name="Elsewhere")
    for title in ("a", "b", "c"):
        await people.task(project, title)
    await people.task(project, "d", status="in_progress")
    return project


@pytest.fixture
async def board(page: Page, service: Service, project: MadeProject, flawless: Complaints) -> Page:
    await pages.sign_in(page, service.url, project.owner)
    await page.goto(f"{service.url}/projects/{project.key}/board")
    await expect(card(page, "d")).to_be_visible()
    return page


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("article", name=title, exact=True)


def said(page: Page, words: str) -> Locator:
    return page.get_by_role("status").filter(has_text=words)


def test_every_key_is_tried() -> None:
    assert set(KEYS) == {*DIALOGS, *PLACES, *STEPS, *SELECTIONS, *MOVES, *OTHERS}


async def test_keys_open_and_esc_closes_and_gives_the_focus_back(board: Page) -> None:
    for action, name in DIALOGS.items():
        for keys in KEYS[action]:
            await card(board, "b").focus()
            await pages.press(board, keys)
            dialog = board.get_by_role("dialog", name=name)
            await expect(dialog).to_be_visible()
            await expect(dialog.locator(":focus")).to_have_count(1)
            await pages.press(board, "Escape")
            await expect(board.get_by_role("dialog")).to_have_count(0)
            await expect(card(board, "b")).to_be_focused()


async def test_the_frame_hears_keys_as_soon_as_it_is_seen(board: Page, service: Service) -> None:
    await board.add_init_script(_KEY_AT_FIRST_SIGHT % ("main h1", 'key: "k", ctrlKey: true'))
    await board.goto(f"{service.url}/inbox")
    await expect(board.get_by_role("dialog", name=DIALOGS["palette"])).to_be_visible()


async def test_the_board_hears_keys_as_soon_as_it_is_seen(board: Page) -> None:
    await board.add_init_script(_KEY_AT_FIRST_SIGHT % ("article", 'key: "j"'))
    await board.reload()
    await expect(card(board, "a")).to_be_focused()


async def test_the_sheet_has_every_key_of_the_table(board: Page) -> None:
    await pages.press(board, "?")
    sheet = board.get_by_role("dialog", name="Keys")
    await expect(sheet.get_by_role("row")).to_have_count(len(KEYS))
    await expect(sheet.get_by_role("row").filter(has_text="Next task").locator("kbd")).to_have_text(["J", "↓"])


async def test_keys_lead_from_page_to_page(board: Page, service: Service, project: MadeProject) -> None:
    home = f"{service.url}/projects/{project.key}"
    for action, path in PLACES.items():
        # From a project, for its views are gone to from within it.
        if action == "goBoard":
            await board.goto(f"{home}/list")
            await expect(board.get_by_role("link", name="a", exact=True)).to_be_visible()
        elif not board.url.startswith(home):
            await board.goto(f"{home}/board")
            await card(board, "a").focus()
        await pages.press(board, KEYS[action][0])
        await board.wait_for_url(re.compile(rf"{re.escape(path.format(key=project.key))}(\?.*)?$"))
        # What had the focus is gone: it is at the beginning of the page, where Tab goes on.
        await expect(board.locator("#content")).to_be_focused()


async def test_keys_go_from_card_to_card_and_select(board: Page) -> None:
    for action, (start, end) in STEPS.items():
        for keys in KEYS[action]:
            await card(board, start).focus()
            await pages.press(board, keys)
            await expect(card(board, end)).to_be_focused()
    bar = board.get_by_role("toolbar", name="Selected tasks")
    for action, (start, count) in SELECTIONS.items():
        await card(board, start).focus()
        await pages.press(board, KEYS[action][0])
        await expect(bar.get_by_text(f"{count} selected")).to_be_visible()
        await pages.press(board, KEYS["close"][0])
        await expect(bar).to_have_count(0)
    await card(board, "a").focus()
    await pages.press(board, KEYS["select"][0])
    await card(board, "c").focus()
    await pages.press(board, KEYS["selectRange"][0])
    await expect(bar.get_by_text("3 selected")).to_be_visible()


async def test_keys_move_cards_and_say_where_they_are(board: Page) -> None:
    for action, (title, place) in MOVES.items():
        await card(board, title).focus()
        async with board.expect_response("**/move") as moved:
            await pages.press(board, KEYS[action][0])
        assert (await moved.value).ok
        await expect(said(board, f"moved to {place}")).to_be_attached()
        await expect(card(board, title)).to_be_focused()
    await pages.press(board, KEYS["carry"][0])
    await expect(said(board, "picked up")).to_be_attached()
    await pages.press(board, KEYS["right"][0])
    await expect(said(board, "In progress, place 1")).to_be_attached()
    async with board.expect_response("**/move"):
        await pages.press(board, KEYS["carry"][0])
    await expect(said(board, "moved to In progress, 1 of 2")).to_be_attached()
    await expect(card(board, "a")).to_be_focused()
    async with board.expect_response("**/move"):
        await pages.press(board, KEYS["undo"][0])
    await expect(board.get_by_role("region", name="To do", exact=True).get_by_role("article", name="a")).to_be_visible()


async def test_what_is_moved_again_before_the_answer_is_not_drawn_back(board: Page) -> None:
    answers = [asyncio.Event(), asyncio.Event()]
    waiting = iter(answers)

    async def answer_late(route: Route) -> None:
        answered = await route.fetch()
        await next(waiting).wait()
        await route.fulfill(response=answered)

    await board.route("**/move", answer_late)
    todo = board.get_by_role("region", name="To do", exact=True).get_by_role("article")
    await card(board, "a").focus()
    async with board.expect_request("**/move"):
        await pages.press(board, KEYS["moveRight"][0])
    await expect(todo).to_have_count(2)
    await pages.press(board, KEYS["moveLeft"][0])
    await expect(todo).to_have_count(3)
    # Changes are sent one after the other: the second goes when the page has dealt with the answer to the first.
    async with board.expect_request("**/move"):
        answers[0].set()
    await board.evaluate(_DRAWN)
    assert await todo.evaluate_all("(cards) => cards.map((card) => card.ariaLabel)") == ["a", "b", "c"]
    async with board.expect_response("**/move"):
        answers[1].set()
    await board.evaluate(_DRAWN)
    assert await todo.evaluate_all("(cards) => cards.map((card) => card.ariaLabel)") == ["a", "b", "c"]
    await expect(card(board, "a")).to_be_focused()


async def test_keys_complete_delete_and_take_back(board: Page) -> None:
    done = board.get_by_role("region", name="Done", exact=True)
    await card(board, "c").focus()
    await pages.press(board, KEYS["complete"][0])
    await expect(card(board, "c").and_(done.get_by_role("article"))).to_be_focused()
    await pages.press(board, KEYS["undo"][0])
    await expect(done.get_by_role("article")).to_have_count(0)
    for keys in KEYS["remove"]:
        await card(board, "c").focus()
        async with board.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
            await pages.press(board, keys)
        assert (await deleted.value).ok
        await expect(card(board, "c")).to_have_count(0)
        await expect(board.locator("[data-task]:focus")).to_have_count(1)
        await said(board, "deleted").get_by_role("button", name="Undo").click()
        await expect(card(board, "c")).to_be_visible()
        await expect(said(board, "deleted")).to_have_count(0)


async def test_esc_closes_one_thing_at_a_time(board: Page) -> None:
    panel, bar = board.get_by_role("complementary"), board.get_by_role("toolbar", name="Selected tasks")
    await card(board, "a").focus()
    await pages.press(board, KEYS["select"][0])
    await pages.press(board, KEYS["open"][0])
    await expect(panel).to_be_focused()
    await pages.press(board, KEYS["create"][0])
    await expect(board.get_by_role("dialog")).to_be_visible()
    await pages.press(board, "Escape")
    await expect(board.get_by_role("dialog")).to_have_count(0)
    await expect(panel).to_be_visible()
    await panel.get_by_role("button", name="Priority: ").press("Enter")
    await expect(board.get_by_role("listbox")).to_be_visible()
    await pages.press(board, "Escape")
    await expect(board.get_by_role("listbox")).to_have_count(0)
    await expect(panel.get_by_role("button", name="Priority: ")).to_be_focused()
    await pages.press(board, "Escape")
    await expect(panel).to_have_count(0)
    await expect(card(board, "a")).to_be_focused()
    await expect(bar.get_by_text("1 selected")).to_be_visible()
    await pages.press(board, "Escape")
    await expect(bar).to_have_count(0)


async def test_esc_closes_a_list_alone_also_where_what_opens_it_has_the_focus(board: Page) -> None:
    panel = board.get_by_role("complementary")
    opener = panel.get_by_role("button", name="Priority: ")
    await card(board, "a").focus()
    await pages.press(board, KEYS["open"][0])
    await opener.press("Enter")
    await expect(board.locator("[data-portal] input:focus")).to_have_count(1)
    await opener.focus()
    await pages.press(board, "Escape")
    await expect(board.get_by_role("listbox")).to_have_count(0)
    await expect(opener).to_be_focused()
    await pages.press(board, "Escape")
    await expect(panel).to_have_count(0)


@pytest.mark.parametrize(("field", "opened"), [("Priority: ", "listbox"), ("Due: ", "dialog")])
async def test_esc_at_first_sight_closes_what_was_opened_alone(
    board: Page, field: str, opened: Literal["listbox", "dialog"]
) -> None:
    panel = board.get_by_role("complementary")
    await card(board, "a").focus()
    await pages.press(board, KEYS["open"][0])
    await expect(panel).to_be_focused()
    await board.evaluate(_KEY_AT_FIRST_SIGHT % (f"[data-portal] [role={opened}]", 'key: "Escape"'))
    await panel.get_by_role("button", name=field).press("Enter")
    await expect(panel.get_by_role("button", name=field)).to_be_focused()
    await expect(board.get_by_role(opened)).to_have_count(0)


async def test_esc_twice_in_a_moment_closes_two_things(board: Page) -> None:
    panel = board.get_by_role("complementary")
    await card(board, "a").focus()
    await pages.press(board, KEYS["open"][0])
    await panel.get_by_role("button", name="Priority: ").press("Enter")
    await expect(board.locator("[data-portal] input:focus")).to_have_count(1)
    await board.evaluate(_IN_A_MOMENT, ["Escape", "Escape"])
    await expect(board.get_by_role("listbox")).to_have_count(0)
    await expect(panel).to_have_count(0)
    await expect(card(board, "a")).to_be_focused()


@pytest.mark.parametrize("action", ["palette", "create"])
async def test_a_key_in_a_moment_after_esc_is_for_the_page(board: Page, action: str) -> None:
    await pages.press(board, KEYS[action][0])
    await expect(board.get_by_role("dialog", name=DIALOGS[action]).locator(":focus")).to_have_count(1)
    await board.evaluate(_IN_A_MOMENT, ["Escape", "?"])
    await expect(board.get_by_role("dialog", name=DIALOGS["help"])).to_be_visible()


async def test_keys_lead_to_fields_and_tab_begins_with_a_way_past_the_frame(board: Page) -> None:
    for action, field in {
        "filter": board.get_by_label("Filter expression"),
        "search": board.get_by_role("searchbox", name="Search"),
    }.items():
        await board.locator("#content").focus()
        await pages.press(board, KEYS[action][0])
        await expect(field).to_be_focused()
    await board.reload()
    await expect(card(board, "a")).to_be_visible()
    await pages.press(board, "Tab")
    skip = board.get_by_role("link", name="Skip to the content")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport(ratio=1)
    # Else Tab goes through the head and the navigation before it comes to the page, and through each of them once.
    seen = ["skip"]
    while seen[-1] != "MAIN":
        await pages.press(board, "Tab")
        where = await board.evaluate(_WHERE)
        if where != seen[-1]:
            seen.append(where)
        assert where != "nowhere", seen
    assert seen == ["skip", "HEADER", "NAV", "MAIN"]
    await skip.focus()
    await pages.press(board, "Enter")
    await expect(board.locator("#content")).to_be_focused()
    await pages.press(board, "Tab")
    await expect(board.get_by_role("main").get_by_role("link", name="Board", exact=True)).to_be_focused()


async def test_a_dialog_is_in_the_middle_of_the_window(board: Page) -> None:
    await pages.press(board, KEYS["help"][0])
    box = await board.get_by_role("dialog", name="Keys").bounding_box()
    assert box is not None
    assert abs(box["x"] + box["width"] / 2 - 650) < 10, box
