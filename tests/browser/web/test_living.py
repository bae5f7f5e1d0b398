"""A page that is open while things happen: others write, the service goes away, sessions and roles end."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, expect

from taskapi.models import ProjectRole
from tests.adversity.serving import Service, serve
from tests.support import pages
from tests.support.factory import PASSWORD, Factory, MadeProject, Person
from tests.support.pages import Complaints

pytestmark = pytest.mark.usefixtures("built")

REFRESH = "/api/v1/auth/refresh"
TODAY = datetime.now(UTC).date().isoformat()
THREE_DAYS_MS = 3 * 24 * 3_600_000


@pytest.fixture
async def owned(people: Factory) -> MadeProject:
    """With three cards in its first column, of which the second has a day."""
    project = await people.project(await people.user(full_name="Ana Lima"), name="Shop")
    for title, due in (("Mend the till", None), ("Paint the door", TODAY), ("Sweep the yard", None)):
        await people.task(project, title, due_on=due)
    return project


@pytest.fixture
async def board(page: Page, service: Service, owned: MadeProject, flawless: Complaints) -> Page:
    """For the owner of the project."""
    await pages.sign_in(page, service.url, owned.owner)
    await opened(page, service, owned)
    return page


async def opened(page: Page, service: Service, project: MadeProject) -> None:
    await page.goto(f"{service.url}/projects/{project.key}/board")
    await expect(card(page, "Mend the till")).to_be_visible()


def column(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def card(where: Page | Locator, title: str) -> Locator:
    return where.get_by_role("article", name=title, exact=True)


def told(page: Page, words: str) -> Locator:
    return page.get_by_role("status").filter(has_text=words)


def sign_in_button(page: Page) -> Locator:
    return page.get_by_role("button", name="Sign in", exact=True)


async def move_right(page: Page, title: str) -> None:
    """To the next column, by keys."""
    await card(page, title).focus()
    await page.keyboard.press("Shift+ArrowRight")


async def ask(people: Factory, person: Person, method: str, path: str, **body: Any) -> dict[str, Any]:
    async with people.client(person) as client:
        response = await client.request(method, f"/api/v1{path}", json=body or None)
    assert response.is_success, response.text
    answer: dict[str, Any] = response.json() if response.content else {}
    return answer


async def lose_the_first(page: Page, method: str, address: str) -> list[str | None]:
    """What is asked is done, and the answer lost once; returned are the keys of all that is asked."""
    keys: list[str | None] = []

    async def lose(route: Route) -> None:
        if route.request.method != method:
            await route.continue_()
            return
        keys.append(await route.request.header_value("Idempotency-Key"))
        if len(keys) > 1:
            await route.continue_()
        else:
            await route.fetch()
            await route.abort()

    await page.route(re.compile(address), lose)
    return keys


async def fill_in(page: Page, person: Person) -> None:
    await page.get_by_label("Username or e-mail", exact=True).fill(person.username)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")


# ---- others


async def test_what_another_does_appears_without_a_jump_and_takes_nothing_typed(
    board: Page, people: Factory, owned: MadeProject
) -> None:
    bob = await people.member(owned, ProjectRole.EDITOR)
    await board.get_by_role("button", name="Add a card to In progress").click()
    field = board.get_by_label("What is to be done in In progress")
    await field.press_sequentially("Half a thou")
    before = await field.bounding_box()
    await ask(people, bob, "POST", f"/projects/{owned.key}/tasks", title="Theirs", status="done")
    await ask(people, bob, "PATCH", f"/tasks/{owned.key}-1", title="Mend the bell")
    await expect(card(column(board, "Done"), "Theirs")).to_be_visible()
    await expect(card(board, "Mend the bell")).to_be_visible()
    await board.keyboard.type("ght")
    await expect(field).to_have_value("Half a thought")
    assert await field.bounding_box() == before


async def test_what_may_not_be_done_any_more_is_not_offered(
    page: Page, service: Service, people: Factory, owned: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("404")
    bob = await people.member(owned, ProjectRole.EDITOR)
    member = f"/projects/{owned.key}/members/{bob.id}"
    await pages.sign_in(page, service.url, bob)
    await opened(page, service, owned)
    await card(page, "Mend the till").get_by_role("link").click()
    await expect(page.get_by_role("button", name="Complete", exact=True)).to_be_visible()
    await ask(people, owned.owner, "PATCH", member, role="viewer")
    for name in ("Complete", "Add a card to To do"):
        await expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    await move_right(page, "Paint the door")
    await expect(card(column(page, "To do"), "Paint the door")).to_be_visible()

    await ask(people, owned.owner, "DELETE", member)
    await expect(told(page, "You see Shop no more")).to_be_visible()
    await expect(page).to_have_url(f"{service.url}/")
    await expect(page.get_by_role("link", name="Shop")).to_have_count(0)
    await page.go_back()
    await expect(page.get_by_role("heading", level=1, name="Not found")).to_be_visible()


# ---- the service and the network


async def test_the_page_lives_through_a_restart(
    page: Page, people: Factory, owned: MadeProject, browsed_database: str, tmp_path: Path, flawless: Complaints
) -> None:
    flawless.expect("ERR_")
    offline = page.get_by_text("Offline. Changes are sent")
    with serve(browsed_database, tmp_path, **pages.SETTINGS) as first:
        await pages.sign_in(page, first.url, owned.owner)
        await opened(page, first, owned)
    await expect(offline).to_be_visible()
    await move_right(page, "Paint the door")
    # Their files are not loaded yet: they come when the service does, and nobody has to ask for them.
    await card(page, "Mend the till").get_by_role("link").click()
    panel = page.get_by_role("complementary", name=f"{owned.key}-1")
    await expect(panel.get_by_text("could not be loaded")).to_be_visible()
    await ask(people, owned.owner, "POST", f"/projects/{owned.key}/tasks", title="Meanwhile")
    with serve(browsed_database, tmp_path, ("taskapi",), first.port, **pages.SETTINGS):
        await expect(panel.get_by_role("heading", name="Mend the till")).to_be_visible()
        await expect(offline).to_have_count(0)
        await expect(card(page, "Meanwhile")).to_have_count(1)
        await expect(card(column(page, "In progress"), "Paint the door")).to_have_count(1)
        await expect(page.get_by_role("article")).to_have_count(4)
        await ask(people, owned.owner, "PATCH", f"/tasks/{owned.key}-3", title="Sweep it all")
        await expect(card(page, "Sweep it all")).to_have_count(1)


async def test_changes_made_offline_are_sent_in_their_order_when_the_network_is_back(
    board: Page, people: Factory, owned: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("ERR_INTERNET_DISCONNECTED")
    flawless.expect("409")
    await board.context.set_offline(True)
    for _ in range(2):
        await move_right(board, "Paint the door")
    await expect(card(column(board, "Done"), "Paint the door")).to_be_visible()
    await expect(board.get_by_text("Offline. Changes are sent")).to_be_visible()
    async with board.expect_event("dialog") as asked:
        await board.close(run_before_unload=True)
    await (await asked.value).dismiss()
    await ask(people, owned.owner, "PATCH", f"/tasks/{owned.key}-3", title="Sweep it all")
    await board.context.set_offline(False)
    await expect(card(board, "Sweep it all")).to_be_visible()

    async def status() -> Any:
        return (await ask(people, owned.owner, "GET", f"/tasks/{owned.key}-2"))["status"]

    await pages.until(status, "done")
    await expect(card(column(board, "Done"), "Paint the door")).to_be_visible()

    await board.context.set_offline(True)
    await move_right(board, "Mend the till")
    await expect(card(column(board, "In progress"), "Mend the till")).to_be_visible()
    await ask(people, owned.owner, "PATCH", f"/projects/{owned.key}", archived=True)
    await board.context.set_offline(False)
    await expect(told(board, "archived")).to_be_visible()
    await expect(card(column(board, "To do"), "Mend the till")).to_be_visible()
    await expect(board.get_by_role("button", name="Add a card to")).to_have_count(0)


async def test_a_creation_whose_answer_was_lost_is_made_once(
    board: Page, people: Factory, owned: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("ERR_FAILED")
    keys = await lose_the_first(board, "POST", rf"/projects/{owned.key}/tasks")
    await board.get_by_role("button", name="Add a card to Done").click()
    field = board.get_by_label("What is to be done in Done")
    await field.fill("Once")
    await field.press("Enter")
    await expect(told(board, f"{owned.key}-4 created")).to_be_attached()
    await expect(card(board, "Once")).to_have_count(1)
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert len((await ask(people, owned.owner, "GET", f"/projects/{owned.key}/tasks"))["items"]) == 4


async def test_a_text_whose_answer_was_lost_is_no_conflict_with_itself(
    board: Page, service: Service, people: Factory, owned: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("ERR_FAILED")
    key = f"{owned.key}-1"
    await board.goto(f"{service.url}/tasks/{key}")
    keys = await lose_the_first(board, "PATCH", f"/tasks/{key}$")
    await board.get_by_role("button", name="Describe it").click()
    await board.get_by_label("Description", exact=True).fill("It sticks")
    await board.get_by_role("button", name="Save").click()
    await expect(board.get_by_role("button", name="Edit", exact=True)).to_be_visible()
    assert len(keys) == 2
    assert (await ask(people, owned.owner, "GET", f"/tasks/{key}"))["description"] == "It sticks"


async def test_what_was_deleted_though_no_answer_came_is_not_missed(
    board: Page, owned: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("ERR_FAILED")
    keys = await lose_the_first(board, "DELETE", f"/tasks/{owned.key}-1$")
    await card(board, "Mend the till").focus()
    await board.keyboard.press("Delete")
    await told(board, f"{owned.key}-1").get_by_role("button", name="Undo").click()
    await expect(card(board, "Mend the till")).to_be_visible()
    assert len(keys) == 2


async def test_what_is_typed_while_something_is_sent_is_neither_lost_nor_sent_twice(
    board: Page, people: Factory, owned: MadeProject
) -> None:
    sending = pages.Held()
    await board.route(re.compile("/tasks$|/comments"), sending.hold)
    await board.get_by_role("button", name="Add a card to Done").click()
    field = board.get_by_label("What is to be done in Done")
    await field.press_sequentially("First")
    async with board.expect_request(re.compile(f"/{owned.key}/tasks$")):
        await field.press("Enter")
    await field.press_sequentially(" Second")
    sending.release()
    await expect(card(board, "First")).to_be_visible()
    await expect(field).to_have_value("Second")

    await card(board, "Mend the till").get_by_role("link").click()
    comment = board.get_by_label("Write a comment")
    await comment.fill("Only once")
    sending.stop()
    async with board.expect_request(lambda request: request.method == "POST"):
        await comment.press("Control+Enter")
    await board.get_by_role("button", name="Close", exact=True).click()
    await expect(comment).to_have_count(0)
    sending.release()
    await card(board, "Mend the till").get_by_role("link").click()
    await expect(board.get_by_text("Only once")).to_have_count(1)
    await expect(comment).to_have_value("")


async def test_undo_takes_back_what_is_still_on_its_way(board: Page, people: Factory, owned: MadeProject) -> None:
    async with board.expect_response(re.compile(f"{owned.key}-1/move$")):
        await move_right(board, "Mend the till")
    sending = pages.Held()
    await board.route(re.compile("/move$"), sending.hold)
    async with board.expect_request(re.compile(f"{owned.key}-2/move$")):
        await move_right(board, "Paint the door")
    await board.keyboard.press("Control+z")
    sending.release()
    await expect(told(board, "Taken back")).to_be_visible()
    await expect(card(column(board, "To do"), "Paint the door")).to_be_visible()
    await expect(card(column(board, "In progress"), "Mend the till")).to_be_visible()

    # What a toast has taken back, the keys do not take back again.
    await card(board, "Sweep the yard").focus()
    await board.keyboard.press("Delete")
    await board.get_by_role("button", name="Undo", exact=True).click()
    await expect(card(board, "Sweep the yard")).to_be_visible()
    await board.keyboard.press("Control+z")
    await expect(card(column(board, "To do"), "Mend the till")).to_be_visible()


async def test_a_fault_of_the_page_is_not_told_as_one_of_the_network(board: Page, flawless: Complaints) -> None:
    flawless.expect("Cannot read properties")
    await board.route(re.compile("/members"), lambda route: route.fulfill(json={"items": None}))
    await board.reload()
    await expect(board.get_by_role("alert").filter(has_text="This page has made a mistake")).to_be_visible()
    await expect(board.get_by_text("cannot be reached")).to_have_count(0)


async def test_a_tab_from_before_an_upgrade_is_loaded_again_once(board: Page, flawless: Complaints) -> None:
    flawless.expect("404")
    loads: list[str] = []
    board.on("domcontentloaded", lambda page: loads.append(page.url))
    await board.route(re.compile("/assets/TimelinePage-.*js"), lambda route: route.fulfill(status=404))
    await board.get_by_role("link", name="Timeline", exact=True).click()
    await expect(board.get_by_role("button", name="Try again")).to_be_visible()
    assert len(loads) == 1
    await board.unroute_all()
    await board.get_by_role("button", name="Try again").click()
    await expect(board.get_by_role("button", name="Paint the door")).to_be_visible()


# ---- the session


async def test_a_session_that_has_ended_leads_to_the_sign_in_and_back_to_what_was_typed(
    board: Page, people: Factory, owned: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("401")
    await card(board, "Mend the till").get_by_role("link").click()
    comment = board.get_by_label("Write a comment")
    await comment.fill("I was about to")
    address = board.url
    assert "task=" in address
    await ask(people, owned.owner, "POST", "/auth/logout-all")
    # The stream tells it; nothing has to be pressed.
    await expect(sign_in_button(board)).to_be_visible()
    await fill_in(board, owned.owner)
    await expect(comment).to_have_value("I was about to")
    await expect(board).to_have_url(address)


async def test_who_signs_in_after_another_sees_nothing_of_theirs(
    board: Page, people: Factory, owned: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("401")
    flawless.expect("404")
    await ask(people, owned.owner, "POST", "/auth/logout-all")
    await expect(sign_in_button(board)).to_be_visible()
    await fill_in(board, await people.user())
    await expect(board.get_by_role("heading", level=1, name="Not found")).to_be_visible()
    await expect(board.get_by_role("button", name="Your account")).to_be_visible()
    await expect(board.get_by_text("Shop")).to_have_count(0)


async def test_a_token_that_is_refused_is_renewed_unseen(board: Page, flawless: Complaints) -> None:
    flawless.expect("401")
    refused: list[str] = []

    async def refuse_once(route: Route) -> None:
        refused.append(route.request.url)
        if len(refused) == 1:
            await route.fulfill(status=401, json={"status": 401, "code": "token_expired", "detail": "expired"})
        else:
            await route.continue_()

    await board.route(re.compile("/move$"), refuse_once)
    async with board.expect_response(re.compile(REFRESH)) as refreshed:
        await move_right(board, "Mend the till")
    assert (await refreshed.value).status == 200
    await expect(told(board, "moved to In progress")).to_be_attached()
    await expect(card(column(board, "In progress"), "Mend the till")).to_be_visible()
    assert len(refused) == 2


async def test_two_tabs_that_wake_after_days_do_not_sign_each_other_out(
    board: Page, people: Factory, owned: MadeProject
) -> None:
    other = await board.context.new_page()
    statuses: list[int] = []
    # It is the clock of all tabs.
    await board.clock.install()
    for tab in (board, other):
        await tab.goto(board.url)
        await expect(card(tab, "Mend the till")).to_be_visible()
        tab.on("response", lambda answer: statuses.append(answer.status) if REFRESH in answer.url else None)
    await board.clock.fast_forward(THREE_DAYS_MS)
    await asyncio.gather(move_right(board, "Mend the till"), move_right(other, "Sweep the yard"))
    for tab in (board, other):
        for title in ("Mend the till", "Sweep the yard"):
            await expect(card(column(tab, "In progress"), title)).to_be_visible()
    assert len(statuses) >= 2
    assert set(statuses) == {200}


async def test_signing_out_in_one_tab_signs_out_the_other(board: Page, flawless: Complaints) -> None:
    flawless.expect("401")  # to the other, where it hears of it from the service first
    other = await board.context.new_page()
    await other.goto(board.url)
    await expect(card(other, "Mend the till")).to_be_visible()
    await other.get_by_role("button", name="Your account").click()
    await other.get_by_role("menuitem", name="Sign out").click()
    for tab in (other, board):
        await expect(sign_in_button(tab)).to_be_visible()


async def test_the_sign_in_leads_to_a_page_of_ours_and_nowhere_else(
    page: Page, service: Service, people: Factory, flawless: Complaints
) -> None:
    flawless.expect("401")
    ana = await people.user()
    for wish in ("//evil.example/", "/\\evil.example/", "/\t/evil.example/", "/.//evil.example", "javascript:alert(1)"):
        await page.goto(service.url)
        await page.evaluate("next => history.replaceState(null, '', '/sign-in?' + new URLSearchParams({ next }))", wish)
        await page.reload()
        await fill_in(page, ana)
        await expect(page.get_by_role("button", name="Your account")).to_be_visible()
        assert page.url == f"{service.url}/", wish
        await page.context.clear_cookies()
    # A provider leads back to where its sign-in began, and only once.
    await page.evaluate("sessionStorage.setItem('taskapi.next', '/inbox')")
    await page.goto(f"{service.url}/oidc/complete#error=access_denied")
    await expect(page.get_by_role("link", name="Start again")).to_have_attribute("href", "/sign-in?next=%2Finbox")
    assert await page.evaluate("sessionStorage.getItem('taskapi.next')") is None


async def test_fields_are_found_by_their_names_alone(board: Page) -> None:
    await board.get_by_role("button", name="New project").click()
    for name in ("Name", "Key"):
        await expect(board.get_by_label(name, exact=True)).to_have_attribute("required", "")
