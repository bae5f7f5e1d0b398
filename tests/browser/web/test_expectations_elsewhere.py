"""What people ask of such pages again and again, from 10 to 15; `test_expectations.py` has those of the board."""

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import FilePayload, Page, expect

from taskapi.models import ProjectRole
from tests.adversity.serving import Service, serve
from tests.support import boards, pages
from tests.support.boards import card, column, titles
from tests.support.errands import worker
from tests.support.factory import Factory, MadeProject
from tests.support.pages import Complaints

pytestmark = pytest.mark.usefixtures("built")


@pytest.fixture(scope="module")
def service(browsed_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """With its worker: somebody has to deliver what people are told."""
    folder = tmp_path_factory.mktemp("expected")
    known = {"TASKAPI_RATE_LIMIT": "off"}
    with serve(browsed_database, folder, **known) as served, worker(browsed_database, folder, **known):
        yield served


async def test_10_what_is_filtered_and_sorted_is_in_the_address_and_survives(board: Page, owned: MadeProject) -> None:
    field = board.get_by_label("Filter expression")
    await field.fill("title:b")
    await field.press("Enter")
    await expect(card(board, "a")).to_have_count(0)
    await board.get_by_label("Order").select_option("From A to Z")
    await expect(board).to_have_url(re.compile("filter=.*sort=title|sort=title.*filter="))
    await board.reload()
    await expect(card(board, "b")).to_be_visible()
    await card(board, "b").get_by_role("link").click()
    await expect(board.get_by_role("complementary").get_by_role("heading", name="b", exact=True)).to_be_visible()
    for view in ("Calendar", "List", "Board"):
        await board.get_by_role("link", name=view, exact=True).click()
        await expect(board).to_have_url(re.compile(f"/{view.lower()}.*filter="))
    await board.get_by_role("button", name="Views").click()
    await board.get_by_label("Name of the view").fill("Only b")
    await board.get_by_role("button", name="Keep what is shown").click()
    kept = board.get_by_role("button", name="Only b", exact=True)
    await expect(kept.first).to_be_visible()
    await board.get_by_role("button", name="Remove title:b").click()
    await expect(card(board, "a")).to_be_visible()
    await expect(kept).to_have_count(1)
    await kept.click()
    await expect(kept).to_have_count(2)
    await kept.last.click()
    await expect(card(board, "a")).to_have_count(0)
    await expect(card(board, "b")).to_be_visible()


async def test_11_nothing_that_was_typed_is_lost(
    board: Page, service: Service, people: Factory, owned: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("412")
    key = f"{owned.key}-1"
    await board.goto(f"{service.url}/tasks/{key}")
    await board.get_by_role("button", name="Describe it").click()
    field = board.get_by_label("Description", exact=True)
    await field.fill("Mine")
    await board.get_by_label("Write a comment").fill("I was about to")
    await board.reload()
    await expect(field).to_have_value("Mine")
    await expect(board.get_by_label("Write a comment")).to_have_value("I was about to")
    await boards.asked(people, owned.owner, "PATCH", f"/tasks/{key}", description="Theirs")
    await board.get_by_role("button", name="Save").click()
    await expect(board.get_by_role("group", name="Your text")).to_contain_text("Mine")
    await expect(board.get_by_role("group", name="Their text")).to_contain_text("Theirs")
    await pages.accessible(board)
    await board.get_by_role("button", name="Keep mine").click()
    await expect(board.get_by_role("button", name="Edit", exact=True)).to_be_visible()
    assert (await boards.stored(people, owned.owner, key))["description"] == "Mine"
    await board.get_by_role("heading", level=1).click()
    await board.get_by_label("Title").fill("My title")
    await boards.asked(people, owned.owner, "PATCH", f"/tasks/{key}", title="Their title")
    await board.get_by_label("Title").press("Enter")
    await board.get_by_role("button", name="Take theirs").click()
    await expect(board.get_by_role("heading", name="Their title", level=1)).to_be_visible()


async def test_12_deleting_asks_nothing_and_is_undone_or_found_in_the_trash(
    board: Page, service: Service, owned: MadeProject
) -> None:
    for title in ("a", "b"):
        await card(board, title).focus()
        await board.keyboard.press("Delete")
        await expect(card(board, title)).to_have_count(0)
    await expect(board.get_by_role("dialog")).to_have_count(0)
    deleted = board.get_by_role("status").filter(has_text=f"{owned.key}-2 deleted")
    await deleted.get_by_role("button", name="Undo").click()
    await expect(card(board, "b")).to_be_visible()
    await board.goto(f"{service.url}/projects/{owned.key}/trash")
    await board.get_by_role("button", name=f"Restore {owned.key}-1").click()
    await expect(board.get_by_role("button", name=f"Restore {owned.key}-1")).to_have_count(0)
    await board.goto(f"{service.url}/projects/{owned.key}/board")
    await expect(card(board, "a")).to_be_visible()


async def test_13_in_the_dark_everything_can_be_read(
    board: Page, service: Service, people: Factory, owned: MadeProject
) -> None:
    colors = ("#ffffff", "#000000", "#ffe066", "#1864ab", "#c92a2a")
    labels = [
        (await boards.asked(people, owned.owner, "POST", f"/projects/{owned.key}/labels", name=color[1:], color=color))[
            "id"
        ]
        for color in colors
    ]
    for priority in ("low", "medium", "high", "urgent"):
        more = {"label_ids": labels, "assignee_ids": [str(owned.owner.id)], "due_on": "2020-02-03"}
        await people.task(owned, f"All of {priority}", priority=priority, **more)
    await board.get_by_role("button", name="Your account").click()
    await board.get_by_text("Dark", exact=True).click()
    await expect(board.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    for path in ("board", "list", f"board?task={owned.key}-5"):
        await board.goto(f"{service.url}/projects/{owned.key}/{path}")
        await expect(board.get_by_text("All of low").first).to_be_attached()
        await pages.accessible(board, schemes=("light",))
    # It is chosen here, whatever the machine prefers.
    await expect(board.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


async def test_14_messages_are_pushed_and_their_count_is_the_same_everywhere(
    board: Page, service: Service, people: Factory, owned: MadeProject, flawless: Complaints
) -> None:
    other = await people.member(owned, ProjectRole.EDITOR)
    inbox = await board.context.new_page()
    await inbox.goto(f"{service.url}/inbox")
    await expect(inbox.get_by_role("heading", name="Inbox", level=1)).to_be_visible()
    for number in (1, 2):
        await boards.asked(people, other, "PATCH", f"/tasks/{owned.key}-{number}", assignee_ids=[str(owned.owner.id)])
    for one in (board, inbox):
        await expect(one.get_by_label("2 unread")).to_be_visible()
    await inbox.get_by_role("button", name="Mark “a” as read").click()
    for one in (board, inbox):
        await expect(one.get_by_label("1 unread")).to_be_visible()
    await inbox.get_by_role("button", name="Mark all as read").click()
    for one in (board, inbox):
        await expect(one.get_by_role("navigation").get_by_label("unread")).to_have_count(0)
    await expect(inbox.get_by_role("button", name="Mark all as read")).to_be_disabled()


async def test_15_a_project_is_taken_along_as_a_table_and_brought_in_elsewhere(
    board: Page, service: Service, people: Factory, owned: MadeProject
) -> None:
    kiosk = await people.project(owned.owner, name="Kiosk")
    await board.goto(f"{service.url}/projects/{owned.key}/settings/export")
    async with board.expect_download() as downloading:
        await board.get_by_role("button", name="CSV").click()
    table = (await (await downloading.value).path()).read_bytes()
    await board.goto(f"{service.url}/projects/{kiosk.key}/settings/import")
    file = FilePayload(name="all.csv", mimeType="text/csv", buffer=table)
    await board.locator("input[type=file]").set_input_files([file])
    await board.get_by_role("button", name="Look at it").click()
    await board.get_by_role("button", name="Try it", exact=True).click()
    await expect(board.get_by_role("region", name="The trial")).to_be_visible()
    await board.get_by_role("button", name="Bring in").click()
    await expect(board.get_by_role("region", name="The import")).to_contain_text("Done. 3 created")
    await board.goto(f"{service.url}/projects/{kiosk.key}/board")
    await expect(card(board, "c")).to_be_visible()
    assert sorted(filter(None, await titles(column(board, "To do")))) == ["a", "b", "c"]
