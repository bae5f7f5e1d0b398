"""One task as a whole: where it opens, for whom, and where it goes."""

from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from taskapi.models import ProjectRole
from tests.adversity.serving import Service
from tests.support import pages
from tests.support.factory import Factory, MadeProject, Person
from tests.support.open_tasks import Ask, pick, row
from tests.support.pages import Complaints

pytestmark = pytest.mark.usefixtures("built")


async def test_the_panel_opens_beside_its_view_and_gives_the_focus_back(
    page: Page, service: Service, editor: Person, task: dict[str, Any], flawless: Complaints
) -> None:
    await pages.sign_in(page, service.url, editor)
    await page.goto(f"{service.url}/projects/WEB/activity")
    link = page.get_by_role("link", name=f"Open {task['key']}").last
    asked: list[str] = []
    await link.focus()
    page.on("request", lambda request: asked.append(request.url) if f"/tasks/{task['key']}?" in request.url else None)
    await page.keyboard.press("Enter")
    panel = page.get_by_role("complementary", name=f"Task {task['key']}")
    await expect(panel.get_by_role("heading", name="Fix the login", level=2)).to_be_visible()
    assert len(asked) == 1
    await expect(panel).to_be_focused()
    await pages.accessible(page)
    await page.keyboard.press("Tab")
    await page.keyboard.press("p")
    await page.get_by_role("option", name="Low").click()
    await expect(row(page, "Priority")).to_contain_text("Low")
    await page.keyboard.press("d")
    await expect(page.get_by_role("dialog", name="Due")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Due")).to_have_count(0)
    await expect(panel).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(panel).to_have_count(0)
    await expect(link).to_be_focused()


async def test_on_a_phone_the_panel_is_a_sheet(
    page: Page, service: Service, editor: Person, task: dict[str, Any], flawless: Complaints
) -> None:
    await page.set_viewport_size({"width": 390, "height": 800})
    await pages.sign_in(page, service.url, editor)
    await page.goto(f"{service.url}/projects/WEB/activity?task={task['key']}")
    panel = page.get_by_role("complementary", name=f"Task {task['key']}")
    await expect(panel.get_by_role("heading", name="Fix the login")).to_be_visible()
    assert await panel.evaluate("(panel) => panel.getBoundingClientRect().width") == 390
    assert await panel.evaluate("(panel) => panel.scrollWidth <= panel.clientWidth")
    await panel.get_by_role("button", name="Close").click()
    await expect(panel).to_have_count(0)


async def test_who_may_only_read_is_offered_nothing_to_change(
    page: Page, service: Service, people: Factory, shop: MadeProject, task: dict[str, Any], flawless: Complaints
) -> None:
    viewer = await people.member(shop, ProjectRole.VIEWER)
    await pages.sign_in(page, service.url, viewer)
    await page.goto(f"{service.url}/tasks/{task['key']}")
    await expect(page.get_by_role("heading", name="Fix the login", level=1)).to_be_visible()
    await expect(page.get_by_text("Nothing is written here yet.")).to_be_visible()
    main = page.get_by_role("main")
    for name in ("Complete", "Describe it", "Attach files", "More", "Start timer", "Comment"):
        await expect(main.get_by_role("button", name=name, exact=True)).to_have_count(0)
    for label in ("Add a step", "Add a subtask", "Write a comment", "Find a task to link", "Estimate in points"):
        await expect(main.get_by_label(label)).to_have_count(0)
    await expect(row(page, "Status").get_by_role("button")).to_have_count(0)


async def test_an_archived_project_is_read_only(
    page: Page, service: Service, people: Factory, flawless: Complaints
) -> None:
    owner = await people.user()
    project = await people.project(owner)
    task = await people.task(project, "Old")
    async with httpx.AsyncClient(base_url=f"{service.url}/api/v1", headers=owner.headers) as client:
        (await client.patch(f"/projects/{project.key}", json={"archived": True})).raise_for_status()
    await pages.sign_in(page, service.url, owner)
    await page.goto(f"{service.url}/tasks/{task['key']}")
    await expect(page.get_by_text("This project is archived")).to_be_visible()
    await expect(page.get_by_role("button", name="Complete")).to_have_count(0)
    await expect(page.get_by_label("Write a comment")).to_have_count(0)


async def test_a_task_of_strangers_is_not_found(
    page: Page, service: Service, people: Factory, editor: Person, flawless: Complaints
) -> None:
    flawless.expect("404")
    theirs = await people.task(await people.project(), "Secret")
    await pages.sign_in(page, service.url, editor)
    await page.goto(f"{service.url}/tasks/{theirs['key']}")
    await expect(page.get_by_role("heading", name="Not found", level=1)).to_be_visible()
    await page.goto(f"{service.url}/projects/WEB/activity?task={theirs['key']}")
    await expect(page.get_by_role("complementary").get_by_role("heading", name="Not found")).to_be_visible()


async def test_what_is_deleted_by_its_menu_comes_back(
    page: Page, service: Service, editor: Person, task: dict[str, Any], flawless: Complaints
) -> None:
    await pages.sign_in(page, service.url, editor)
    await page.goto(f"{service.url}/projects/WEB/list?task={task['key']}")
    panel = page.get_by_role("complementary", name=f"Task {task['key']}")
    await panel.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await expect(panel).to_have_count(0)
    toast = page.get_by_role("status").filter(has_text=f"{task['key']} deleted")
    await toast.get_by_role("button", name="Undo").click()
    await expect(page.locator(f"[data-task={task['key']}]")).to_be_visible()


async def test_a_task_goes_to_another_project_and_into_another_task(
    opened: Page, service: Service, task: dict[str, Any], people: Factory, shop: MadeProject, editor: Person
) -> None:
    other = await people.project(editor, key="OPS", name="Operations")
    into = await people.task(other, "Zymurgy of the login")
    await opened.reload()
    await move_to(opened, "OPS")
    await expect(opened).to_have_url(f"{service.url}/tasks/OPS-2")
    # The old key leads to where it is now, and what is changed there is seen there.
    await opened.goto(f"{service.url}/tasks/{task['key']}")
    await pick(opened, "Priority", "High")
    await expect(row(opened, "Priority")).to_contain_text("High")
    await opened.get_by_role("button", name="More").click()
    await opened.get_by_role("menuitem", name="Merge into…").click()
    await opened.get_by_label("Find the task that it duplicates").fill("Zymurgy")
    await opened.get_by_role("option", name=into["key"]).click()
    await opened.get_by_role("button", name="Merge", exact=True).click()
    await expect(opened).to_have_url(f"{service.url}/tasks/{into['key']}")


async def test_a_move_to_another_project_is_taken_back_with_what_had_stayed_behind(
    opened: Page, service: Service, task: dict[str, Any], people: Factory, editor: Person, ask: Ask
) -> None:
    await people.project(editor, key="YARD", name="A yard")
    label = await ask("POST", "/projects/WEB/labels", name="heavy", color="#d73a4a")
    await ask("PATCH", f"/tasks/{task['key']}", label_ids=[label["id"]])
    await opened.reload()
    await move_to(opened, "YARD")
    await expect(opened).to_have_url(f"{service.url}/tasks/YARD-1")
    await expect(opened.get_by_text("heavy")).to_have_count(0)
    await opened.get_by_role("status").get_by_role("button", name="Undo").click()
    await opened.wait_for_url("**/tasks/WEB-*")
    await expect(row(opened, "Labels")).to_contain_text("heavy")
    # What goes along leaves something behind, too, and nobody has noted what.
    await ask("POST", "/projects/WEB/tasks", title="A part of it", parent_id=task["id"])
    await opened.reload()
    await move_to(opened, "YARD")
    await expect(opened.get_by_role("status").filter(has_text="It is YARD-2 now")).to_be_visible()
    await expect(opened.get_by_role("button", name="Undo")).to_have_count(0)


async def move_to(page: Page, project: str) -> None:
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Move to a project…").click()
    await page.get_by_label("Project", exact=True).select_option(project)
    await page.get_by_role("button", name="Move", exact=True).click()


@pytest.mark.parametrize("place", ["activity", "files", "trash"])
async def test_what_a_project_keeps_is_open_to_everybody(
    page: Page, service: Service, editor: Person, task: dict[str, Any], place: str, flawless: Complaints
) -> None:
    await pages.sign_in(page, service.url, editor)
    await page.set_viewport_size({"width": 390, "height": 800})
    await page.goto(f"{service.url}/projects/WEB/{place}")
    await expect(page.get_by_role("heading", level=2)).to_be_visible()
    await pages.accessible(page)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_its_address_is_copied_and_who_watches_is_told(
    opened: Page, service: Service, task: dict[str, Any]
) -> None:
    await opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await opened.get_by_role("button", name="Copy link").click()
    assert await opened.evaluate("navigator.clipboard.readText()") == f"{service.url}/tasks/{task['key']}"
    await opened.get_by_role("button", name="Watchers").click()
    dialog = opened.get_by_role("dialog", name="Watchers")
    await expect(dialog).to_contain_text("Olga Ivanova")
    await dialog.get_by_role("button", name="Watch", exact=True).click()
    await expect(dialog).to_contain_text("Emil Berg")
    await dialog.get_by_role("button", name="Watch no more").click()
    await expect(dialog).not_to_contain_text("Emil Berg")
