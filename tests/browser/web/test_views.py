"""The views of a project and the pages around them: what is filtered, arranged, changed, found, and heard of others."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from taskapi.models import ProjectRole
from tests.adversity.serving import Service
from tests.support import pages
from tests.support.factory import Factory, MadeProject, Person
from tests.support.pages import Complaints

pytestmark = pytest.mark.usefixtures("built")

TODAY = datetime.now(UTC).date()


@pytest.fixture
async def owned(people: Factory) -> MadeProject:
    """With three tasks: one urgent and due, one that runs for days, one without anything."""
    project = await people.project(await people.user(full_name="Ana Lima"), name="Shop")
    due = {"due_on": TODAY.isoformat()}
    await people.task(project, "Mend the till", priority="urgent", assignee_ids=[str(project.owner.id)], **due)
    starts = {"start_on": TODAY.isoformat(), "due_on": (TODAY + timedelta(days=3)).isoformat()}
    await people.task(project, "Paint the door", priority="low", **starts)
    await people.task(project, "Sweep the yard")
    return project


@pytest.fixture
async def opened(page: Page, service: Service, owned: MadeProject, flawless: Complaints) -> Page:
    """The list of the project, for its owner."""
    await pages.sign_in(page, service.url, owned.owner)
    await to(page, service, owned, "list")
    await expect(row(page, "Mend the till")).to_be_visible()
    return page


async def to(page: Page, service: Service, project: MadeProject, view: str) -> None:
    await page.goto(f"{service.url}/projects/{project.key}/{view}")


def row(page: Page, title: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=title, exact=True))


def field(page: Page) -> Locator:
    return page.get_by_label("Filter expression")


async def shown(page: Page, *titles: str) -> None:
    """These tasks and no others are in the list, from the top."""
    await expect(page.get_by_role("row").locator("a")).to_have_text(list(titles))


async def asked(people: Factory, person: Person, path: str) -> dict[str, Any]:
    async with people.client(person) as client:
        answer: dict[str, Any] = (await client.get(path)).json()
    return answer


async def change(people: Factory, person: Person, key: str, **fields: Any) -> None:
    async with people.client(person) as client:
        assert (await client.patch(f"/api/v1/tasks/{key}", json=fields)).status_code == 200


# ---- the filter


async def test_a_filter_is_typed_with_completion(opened: Page) -> None:
    await field(opened).fill("prio")
    await opened.get_by_role("option", name="priority:").click()
    await field(opened).press_sequentially("ur")
    await opened.keyboard.press("ArrowDown")
    await opened.keyboard.press("Enter")
    await expect(field(opened)).to_have_value("priority:urgent")
    await opened.keyboard.press("Enter")
    await shown(opened, "Mend the till")
    await expect(opened).to_have_url(re.compile("filter=priority"))
    await expect(field(opened)).to_be_focused()
    await opened.get_by_role("button", name="Remove priority:urgent").click()
    await expect(row(opened, "Sweep the yard")).to_be_visible()
    await expect(field(opened)).to_have_value("")


async def test_a_mistake_is_shown_where_it_is_and_not_applied(opened: Page, flawless: Complaints) -> None:
    flawless.expect("422")
    await field(opened).fill("priority:urgent stat:done")
    await opened.keyboard.press("Enter")
    await expect(field(opened)).to_have_attribute("aria-invalid", "true")
    await expect(opened.locator("mark")).to_have_text("s")
    await expect(row(opened, "Sweep the yard")).to_be_visible()
    assert "filter" not in opened.url
    await expect(field(opened)).to_have_value("priority:urgent stat:done")
    await pages.accessible(opened)


async def test_a_filter_is_chosen_from_menus_by_keys_alone(opened: Page) -> None:
    await opened.get_by_role("button", name="Filter", exact=True).press("Enter")
    await expect(opened.get_by_role("menuitem", name="Open only")).to_be_focused()
    for name in ("Status", "Priority"):
        await opened.keyboard.press("ArrowDown")
        await expect(opened.get_by_role("menuitem", name=name)).to_be_focused()
    await opened.keyboard.press("ArrowRight")
    await expect(opened.get_by_role("menuitem", name="Urgent")).to_be_focused()
    await opened.keyboard.press("Enter")
    await shown(opened, "Mend the till")
    await opened.get_by_role("button", name="Remove all filters").click()
    await expect(row(opened, "Sweep the yard")).to_be_visible()


async def test_a_list_is_sorted_grouped_and_given_columns(opened: Page) -> None:
    await opened.get_by_role("columnheader", name="Task").get_by_role("button").click()
    await shown(opened, "Mend the till", "Paint the door", "Sweep the yard")
    await opened.get_by_role("columnheader", name="Task").get_by_role("button").click()
    await shown(opened, "Sweep the yard", "Paint the door", "Mend the till")
    await opened.get_by_label("Groups").select_option("By priority")
    await expect(opened.get_by_role("region", name="Urgent, 1").get_by_role("link")).to_have_text("Mend the till")
    await opened.get_by_label("Groups").select_option("No groups")
    await opened.get_by_role("button", name="Columns").click()
    await opened.get_by_role("checkbox", name="Start").check()
    await opened.get_by_role("checkbox", name="Priority").uncheck()
    await opened.keyboard.press("Escape")
    await opened.reload()
    await expect(opened.get_by_role("columnheader", name="Start")).to_be_visible()
    await expect(opened.get_by_role("columnheader", name="Priority")).to_have_count(0)
    await shown(opened, "Sweep the yard", "Paint the door", "Mend the till")


async def test_a_view_is_kept_shared_chosen_changed_deleted_and_brought_back(
    opened: Page, people: Factory, owned: MadeProject
) -> None:
    await field(opened).fill("priority:low")
    await opened.keyboard.press("Enter")
    await shown(opened, "Paint the door")
    await opened.get_by_role("button", name="Views").click()
    await opened.get_by_label("Name of the view").fill("Slow")
    await opened.get_by_label("For everybody in the project").check()
    await opened.get_by_role("button", name="Keep what is shown").click()
    await expect(opened.get_by_role("button", name="Slow", exact=True)).to_be_visible()
    kept = (await asked(people, owned.owner, "/api/v1/views"))["items"]
    assert [(one["name"], one["filter"], one["shared"]) for one in kept] == [("Slow", "priority:low", True)]
    await opened.get_by_role("button", name="Remove priority:low").click()
    await opened.get_by_label("Order").select_option("From A to Z")
    await shown(opened, "Mend the till", "Paint the door", "Sweep the yard")
    await opened.get_by_role("button", name="Slow", exact=True).click()
    await opened.get_by_role("button", name="Change “Slow” to what is shown").click()
    # Once it is changed the list closes; what told that it is kept may be the toast of before.
    await expect(opened.get_by_label("Name of the view")).to_have_count(0)
    await expect(opened.get_by_role("status").filter(has_text="Slow is kept").last).to_be_visible()
    await opened.get_by_role("button", name="Slow", exact=True).click()
    await opened.get_by_role("button", name="Delete the view Slow").click()
    await opened.get_by_role("status").get_by_role("button", name="Undo").click()
    await expect(opened.get_by_role("button", name="Undo")).to_have_count(0)
    await opened.get_by_role("button", name="Views", exact=True).click()
    await expect(opened.get_by_role("button", name="Slow shared")).to_be_visible()
    [again] = (await asked(people, owned.owner, "/api/v1/views"))["items"]
    assert (again["filter"], again["sort"]) == ("", "title")


# ---- changing what is shown


async def test_cells_change_what_they_show(opened: Page, people: Factory, owned: MadeProject) -> None:
    yard = row(opened, "Sweep the yard")
    await yard.get_by_role("button", name="Priority: No priority").click()
    await opened.get_by_role("option", name="High").click()
    await expect(yard.get_by_role("button", name="Priority: High")).to_be_visible()
    await yard.get_by_role("button", name="Status: To do").press("Enter")
    await opened.get_by_role("option", name="In progress").click()
    await expect(yard.get_by_role("button", name="Status: In progress")).to_be_focused()
    await yard.get_by_role("button", name="Edit").click()
    await opened.get_by_label("New name").fill("Sweep the street")
    await opened.keyboard.press("Enter")
    await expect(row(opened, "Sweep the street")).to_be_visible()
    async with opened.expect_response(re.compile("/tasks/")) as written:
        await opened.keyboard.press("Control+z")
    assert (await written.value).status == 200
    await expect(row(opened, "Sweep the yard")).to_be_visible()
    stored = (await asked(people, owned.owner, owned.tasks_path))["items"][2]
    assert (stored["priority"], stored["status"]) == ("high", "in_progress")


async def test_a_refused_change_is_put_back_and_says_why(opened: Page, flawless: Complaints) -> None:
    flawless.expect("403")
    body = {"type": "about:blank", "title": "No", "status": 403, "code": "forbidden", "detail": "Not by you"}
    kind = "application/problem+json"
    await opened.route(
        re.compile("/api/v1/tasks/"), lambda route: route.fulfill(status=403, content_type=kind, body=json.dumps(body))
    )
    await row(opened, "Sweep the yard").get_by_role("button", name="Priority: No priority").click()
    await opened.get_by_role("option", name="High").click()
    await expect(opened.get_by_role("status").filter(has_text="Not by you")).to_be_visible()
    await expect(row(opened, "Sweep the yard").get_by_role("button", name="Priority: No priority")).to_be_visible()


async def test_a_viewer_is_offered_nothing_to_change(
    page: Page, service: Service, people: Factory, owned: MadeProject, flawless: Complaints
) -> None:
    guest = await people.member(owned, ProjectRole.VIEWER)
    await pages.sign_in(page, service.url, guest)
    await to(page, service, owned, "list")
    yard = row(page, "Sweep the yard")
    await expect(yard.get_by_role("img", name="Priority: No priority")).to_be_visible()
    await expect(yard.get_by_role("button")).to_have_count(0)
    await to(page, service, owned, "calendar")
    await expect(page.get_by_role("article", name="Mend the till")).to_be_visible()
    await expect(page.get_by_role("button", name="Another day")).to_have_count(0)


async def test_a_task_goes_to_another_day_by_drag_and_by_date(
    opened: Page, people: Factory, owned: MadeProject
) -> None:
    goal = TODAY + timedelta(days=1 if TODAY.day < 15 else -1)
    await opened.get_by_role("link", name="Calendar", exact=True).click()
    task = opened.get_by_role("article", name="Mend the till")
    there = opened.locator(f"[data-day='{goal}']")
    await task.hover()
    await opened.mouse.down()
    box = await there.bounding_box()
    assert box is not None
    await opened.mouse.move(box["x"] + 20, box["y"] + 60, steps=12)
    await opened.mouse.up()
    await expect(there.get_by_role("article", name="Mend the till")).to_be_visible()
    await expect(opened.get_by_role("status").filter(has_text="is due")).to_be_visible()
    await task.hover()
    await task.get_by_role("button").click()
    async with opened.expect_response("**/tasks/*") as changed:
        await opened.get_by_role("dialog").get_by_role("button", name="Today", exact=True).click()
    assert (await changed.value).request.method == "PATCH"
    await expect(opened.locator(f"[data-day='{TODAY}']").get_by_role("article", name="Mend the till")).to_be_visible()
    stored = (await asked(people, owned.owner, owned.tasks_path))["items"][0]
    assert stored["due_on"] == TODAY.isoformat()


async def test_a_bar_is_moved_by_keys_and_by_drag(opened: Page, people: Factory, owned: MadeProject) -> None:
    keys = [task["key"] for task in (await asked(people, owned.owner, owned.tasks_path))["items"]]
    async with people.client(owned.owner) as client:
        link = {"type": "blocks", "task_id": keys[1]}
        assert (await client.post(f"/api/v1/tasks/{keys[0]}/links", json=link)).status_code == 201
    await opened.get_by_role("link", name="Timeline", exact=True).click()
    await expect(opened.get_by_role("img", name=f"{keys[0]} blocks {keys[1]}")).to_be_attached()
    bar = opened.get_by_role("button", name="Paint the door")
    await bar.press("ArrowRight")
    await expect(opened.get_by_role("status").filter(has_text="now runs from")).to_be_visible()
    await bar.press("Shift+ArrowRight")
    await expect(opened.get_by_role("status").filter(has_text="now runs from")).to_have_count(2)
    stored = (await asked(people, owned.owner, owned.tasks_path))["items"][1]
    assert stored["start_on"] == (TODAY + timedelta(days=1)).isoformat()
    assert stored["due_on"] == (TODAY + timedelta(days=5)).isoformat()
    box = await bar.bounding_box()
    assert box is not None
    await opened.mouse.move(box["x"] + 10, box["y"] + 10)
    await opened.mouse.down()
    await opened.mouse.move(box["x"] + 10 + box["width"] / 5, box["y"] + 10, steps=4)
    await opened.mouse.up()
    await expect(opened.get_by_role("status").filter(has_text="now runs from")).to_have_count(3)
    stored = (await asked(people, owned.owner, owned.tasks_path))["items"][1]
    assert stored["start_on"] == (TODAY + timedelta(days=2)).isoformat()
    await bar.press("Enter")
    await expect(opened).to_have_url(re.compile(f"task={keys[1]}"))


async def test_reports_are_drawn_and_taken_along(opened: Page) -> None:
    await opened.get_by_role("link", name="Analytics", exact=True).click()
    await expect(opened.get_by_role("region", name="Open").get_by_text("3")).to_be_visible()
    choice = opened.get_by_label("Report")
    for name in await choice.locator("option").all_text_contents():
        await choice.select_option(name)
        async with opened.expect_download() as saved:
            await opened.get_by_role("button", name="CSV").click()
        assert (await saved.value).suggested_filename.endswith(".csv")
        await expect(opened.get_by_label("Loading")).to_have_count(0)
        await expect(opened.get_by_role("alert")).to_have_count(0)
    await choice.select_option("burndown")
    await expect(opened.get_by_role("img", name="Burndown")).to_be_visible()
    async with opened.expect_download() as drawn:
        await opened.get_by_role("button", name="PNG").click()
    assert (await drawn.value).suggested_filename.endswith("burndown.png")
    assert (await (await drawn.value).path()).read_bytes().startswith(b"\x89PNG")


# ---- home, inbox, projects, search, keys


async def test_home_shows_what_is_mine_and_completes_it(opened: Page, service: Service) -> None:
    await pages.press(opened, "g h")
    await expect(opened.get_by_role("heading", level=1, name="Home")).to_be_visible()
    mine = opened.get_by_role("region", name="Today", exact=True)
    await expect(mine.get_by_role("link", name="Mend the till")).to_be_visible()
    await mine.get_by_role("button", name="Complete").click()
    await expect(opened.get_by_role("status").filter(has_text="is done")).to_be_visible()
    await expect(mine).to_have_count(0)


async def test_a_project_is_found_marked_and_brought_back(opened: Page, people: Factory, owned: MadeProject) -> None:
    gone = await people.project(owned.owner, name="Kiosk")
    async with people.client(owned.owner) as client:
        assert (await client.delete(f"/api/v1/projects/{gone.key}")).status_code == 204
    await opened.get_by_role("link", name="Projects", exact=True).click()
    await opened.get_by_role("button", name="Mark Shop as favourite").click()
    await expect(opened.get_by_role("button", name="Shop is a favourite")).to_be_visible()
    await opened.get_by_label("Deleted ones").check()
    await opened.get_by_role("button", name="Restore Kiosk").click()
    await expect(opened.get_by_role("navigation").get_by_role("link", name="Kiosk")).to_be_visible()
    await opened.get_by_label("Find a project").fill("nowhere")
    await expect(opened.get_by_text("No project fits.")).to_be_visible()


async def test_words_and_keys_find_what_there_is(opened: Page, people: Factory, owned: MadeProject) -> None:
    key = (await asked(people, owned.owner, owned.tasks_path))["items"][1]["key"]
    await opened.keyboard.press("/")
    await opened.keyboard.type("door")
    await opened.keyboard.press("Enter")
    await expect(opened.get_by_role("link", name=f"{key} Paint the door")).to_be_visible()
    await opened.get_by_role("searchbox", name="Search").fill(key)
    await opened.keyboard.press("Enter")
    await expect(opened.get_by_role("heading", level=1)).to_have_text(f"Found for “{key}”")
    await expect(opened.get_by_role("link", name=f"{key} Paint the door")).to_be_visible()
    await opened.get_by_role("searchbox", name="Search").fill("zeppelin")
    await opened.keyboard.press("Enter")
    await expect(opened.get_by_role("status").filter(has_text="Nothing found")).to_be_visible()


async def test_the_palette_the_sheet_and_the_sequences(opened: Page) -> None:
    await opened.keyboard.press("?")
    sheet = opened.get_by_role("dialog", name="Keys")
    await expect(sheet.get_by_text("Timeline")).to_be_visible()
    await pages.accessible(opened)
    await opened.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await pages.press(opened, "g t")
    await expect(opened).to_have_url(re.compile("/timeline"))
    await opened.keyboard.press("Control+k")
    await expect(opened.get_by_role("textbox", name="Commands and projects")).to_be_focused()
    await pages.accessible(opened)
    await opened.keyboard.type("inbox")
    await opened.keyboard.press("Enter")
    await expect(opened.get_by_role("heading", level=1, name="Inbox")).to_be_visible()


# ---- others


async def test_what_another_changes_appears_while_a_picker_is_open(
    opened: Page, people: Factory, owned: MadeProject
) -> None:
    other = await people.member(owned, ProjectRole.EDITOR)
    tasks = (await asked(people, other, owned.tasks_path))["items"]
    await row(opened, "Sweep the yard").get_by_role("button", name="Priority: No priority").click()
    high = opened.get_by_role("option", name="High")
    before = await high.bounding_box()
    await change(people, other, tasks[0]["key"], title="Mend the door bell")
    await expect(row(opened, "Mend the door bell")).to_be_visible(timeout=5_000)
    assert await high.bounding_box() == before
    await high.click()
    await expect(row(opened, "Sweep the yard").get_by_role("button", name="Priority: High")).to_be_visible()
